"""The standard lists and their options (PRODUCT §2; the Persian words are the customer's glossary)."""

from typing import Any

from django.apps import apps

from crm.fields import dictionary

STANDARD: dict[str, tuple[tuple[str, str], ...]] = {
    "salutation": (("Mr.", "آقای"), ("Ms.", "خانم"), ("Mrs.", "خانم"), ("Dr.", "دکتر"), ("Prof.", "پروفسور")),
    "lead_status": (
        ("Attempted to Contact", "تلاش برای تماس"),
        ("Cold", "سرد"),
        ("Contact in Future", "تماس در آینده"),
        ("Contacted", "تماس گرفته‌شده"),
        ("Hot", "داغ"),
        ("Junk Lead", "سرنخ بی‌ارزش"),
        ("Lost Lead", "سرنخ از دست رفته"),
        ("Not Contacted", "تماس گرفته‌نشده"),
        ("Pre Qualified", "پیش‌واجد شرایط"),
        ("Qualified", "واجد شرایط"),
        ("Warm", "گرم"),
    ),
    "lead_source": (
        ("Cold Call", "تماس سرد"),
        ("Existing Customer", "مشتری فعلی"),
        ("Self Generated", "جذب شخصی"),
        ("Employee", "کارمند"),
        ("Partner", "شریک تجاری"),
        ("Public Relations", "روابط عمومی"),
        ("Direct Mail", "پست مستقیم"),
        ("Conference", "کنفرانس"),
        ("Trade Show", "نمایشگاه تجاری"),
        ("Web Site", "وب‌سایت"),
        ("Word of mouth", "معرفی (دهان‌به‌دهان)"),
        ("Other", "سایر"),
    ),
    "rating": (
        ("Acquired", "جذب‌شده"),
        ("Active", "فعال"),
        ("Market Failed", "شکست در بازار"),
        ("Project Cancelled", "پروژه لغوشده"),
        ("Shutdown", "تعطیل‌شده"),
    ),
    "sales_stage": (
        ("Prospecting", "جستجوی مشتری"),
        ("Qualification", "احراز صلاحیت"),
        ("Needs Analysis", "تحلیل نیازها"),
        ("Value Proposition", "پیشنهاد ارزش"),
        ("Id. Decision Makers", "شناسایی تصمیم‌گیرندگان"),
        ("Perception Analysis", "تحلیل برداشت"),
        ("Proposal or Price Quote", "پیشنهاد/پیش‌فاکتور"),
        ("Negotiation or Review", "مذاکره/بازنگری"),
        ("Closed Won", "بسته‌شده: موفق"),
        ("Closed Lost", "بسته‌شده: ناموفق"),
    ),
    "opportunity_type": (("Existing Business", "کسب‌وکار موجود"), ("New Business", "کسب‌وکار جدید")),
    "contact_role": (
        ("Decides", "تصمیم‌گیرنده"),
        ("Pays", "پرداخت‌کننده"),
        ("Uses it", "کاربر"),
        ("Advises", "مشاور"),
    ),
    "organization_type": (
        ("Analyst", "تحلیل‌گر"),
        ("Competitor", "رقیب"),
        ("Customer", "مشتری"),
        ("Integrator", "یکپارچه‌ساز"),
        ("Investor", "سرمایه‌گذار"),
        ("Partner", "شریک تجاری"),
        ("Press", "رسانه"),
        ("Prospect", "مشتری احتمالی"),
        ("Reseller", "نمایندهٔ فروش"),
        ("Other", "سایر"),
    ),
    "industry": (
        ("Apparel", "پوشاک"),
        ("Banking", "بانکداری"),
        ("Biotechnology", "زیست‌فناوری"),
        ("Chemicals", "مواد شیمیایی"),
        ("Communications", "ارتباطات"),
        ("Construction", "ساخت‌وساز"),
        ("Consulting", "مشاوره"),
        ("Education", "آموزش"),
        ("Electronics", "الکترونیک"),
        ("Energy", "انرژی"),
        ("Engineering", "مهندسی"),
        ("Entertainment", "سرگرمی"),
        ("Environmental", "محیط زیست"),
        ("Finance", "مالی"),
        ("Food & Beverage", "غذا و نوشیدنی"),
        ("Government", "دولتی"),
        ("Healthcare", "بهداشت و درمان"),
        ("Hospitality", "هتلداری و گردشگری"),
        ("Insurance", "بیمه"),
        ("Machinery", "ماشین‌آلات"),
        ("Manufacturing", "تولید"),
        ("Media", "رسانه"),
        ("Not For Profit", "غیرانتفاعی"),
        ("Recreation", "تفریح"),
        ("Retail", "خرده‌فروشی"),
        ("Shipping", "کشتیرانی و حمل"),
        ("Technology", "فناوری"),
        ("Telecommunications", "مخابرات"),
        ("Transportation", "حمل‌ونقل"),
        ("Utilities", "خدمات عمومی"),
        ("Other", "سایر"),
    ),
}


def install_defaults(**_signal: Any) -> None:
    """Fill the standard lists that are still empty; what administrators changed stays."""
    option = apps.get_model("fields.PicklistOption")
    present = set(option.objects.values_list("list_key", flat=True).distinct())
    option.objects.bulk_create(
        option(list_key=key, value=value, label_en=value, label_fa=label, position=position)
        for key, choices in STANDARD.items()
        if key not in present
        for position, (value, label) in enumerate(choices, start=1)
    )
    dictionary.forget()
