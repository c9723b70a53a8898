"""The words that demo data is made of. All people and companies are invented."""

PERSIAN_FIRST = (
    "سارا",
    "مریم",
    "زهرا",
    "نرگس",
    "الهام",
    "لیلا",
    "نیلوفر",
    "پریسا",
    "رضا",
    "علی",
    "محمد",
    "امید",
    "بابک",
    "کاوه",
    "آرش",
    "حمید",
    "پیمان",
    "یاسمن",
    "ژاله",
    "گلناز",
)
PERSIAN_LAST = (
    "احمدی",
    "محمدی",
    "کریمی",
    "حسینی",
    "رستمی",
    "جعفری",
    "مرادی",
    "صادقی",
    "تقوی",
    "سهرابی",
    "نوری",
    "باقری",
    "شریفی",
    "کاظمی",
    "یزدانی",
    "گلپایگانی",
    "چراغی",
    "پورمند",
    "ژرفا",
    "قنبری",
)
PERSIAN_COMPANY = (
    "بازرگانی پارس‌آریا",
    "فولاد کویر",
    "درمانگاه نور",
    "لجستیک البرز",
    "صنایع غذایی سبا",
    "بیمهٔ مهر",
    "نرم‌افزار دنا",
    "کاشی میبد",
    "چاپ گلستان",
    "پتروشیمی خلیج",
    "ساختمانی آوند",
    "شبکه‌گستر هما",
    "داروسازی شفا",
    "کشت و صنعت زاگرس",
    "آموزشگاه فردا",
)
PERSIAN_CITY = (
    ("تهران", "تهران"),
    ("اصفهان", "اصفهان"),
    ("شیراز", "فارس"),
    ("مشهد", "خراسان رضوی"),
    ("تبریز", "آذربایجان شرقی"),
    ("یزد", "یزد"),
    ("رشت", "گیلان"),
)
PERSIAN_JOB = ("مدیر خرید", "مدیرعامل", "کارشناس فناوری اطلاعات", "مدیر بازرگانی", "مسئول دفتر", "مدیر مالی")
PERSIAN_NOTE = (
    "درخواست پیش‌فاکتور برای ۴۰ کاربر داشت؛ بودجهٔ این فصل تصویب شده است.",
    "جلسهٔ حضوری در دفتر ایشان برگزار شد، نتیجه مثبت بود.",
    "گفت پس از نمایشگاه تماس بگیریم.\nشمارهٔ مستقیم: ۰۲۱-۸۸۷۷۶۶۵۵",
    "از نرم‌افزار قدیمی راضی نیست و تا پایان سال باید جایگزین کند.",
    "دمو را دید و دو پرسش دربارهٔ امنیت داده‌ها داشت.",
)
ENGLISH_FIRST = ("Emma", "Oliver", "Sophia", "Liam", "Mia", "Noah", "Ava", "James", "Lena", "Peter", "Anna", "Daniel")
WOMEN = frozenset({"سارا", "مریم", "زهرا", "نرگس", "الهام", "لیلا", "نیلوفر", "پریسا", "یاسمن", "ژاله", "گلناز", "Emma", "Sophia", "Mia", "Ava", "Lena", "Anna"})  # fmt: skip
ENGLISH_LAST = (
    "Whitfield",
    "Garner",
    "Merritt",
    "Kowalski",
    "Novak",
    "Hansen",
    "Okafor",
    "Silva",
    "Moreau",
    "Lindqvist",
)
ENGLISH_COMPANY = (
    "Northwind Tools Ltd.",
    "Harbour Foods GmbH",
    "Blue Ridge Energy Inc.",
    "Meridian Print Co.",
    "Cedar Health LLC",
    "Atlas Freight Ltd.",
    "Fern & Finch Interiors",
    "Quarry Steelworks",
)
ENGLISH_CITY = (
    ("Berlin", "Berlin"),
    ("Leeds", "Yorkshire"),
    ("Lyon", "Rhône"),
    ("Dubai", "Dubai"),
    ("Toronto", "Ontario"),
)
ENGLISH_JOB = ("Purchasing manager", "Managing director", "IT manager", "Head of operations", "Office manager")
ENGLISH_NOTE = (
    "Asked for a quote for 40 seats; this quarter's budget is approved.",
    "Met at the trade show, very interested.",
    'He said "call me after the fair" and hung up.',
    "Uses spreadsheets today; 3 branches, 25 users.\nWants support and telephony.",
    "Saw the demo. Two questions about data protection.",
)
SUBJECTS_FA = {
    "call": ("تماس پیگیری", "تماس نخست", "تماس دربارهٔ قیمت"),
    "task": ("ارسال پیش‌فاکتور", "آماده‌سازی قرارداد", "ارسال فهرست قیمت"),
    "meeting": ("ارائهٔ محصول", "جلسه با گروه خرید"),
}
SUBJECTS_EN = {
    "call": ("Follow-up call", "First call", "Call about the price"),
    "task": ("Send the quote", "Prepare the contract", "Send the price list"),
    "meeting": ("Product demo", "Meeting with the purchasing team"),
}
MAILS = (
    ("فهرست قیمت", "با سلام، فهرست قیمت پیوست است."),
    ("Price list", "Please find our price list attached."),
    ("Re: Demo", "Thank you for your time today."),
)
CAMPAIGNS = ("نمایشگاه الکامپ", "کمپین نوروزی", "Autumn webinar")
PRODUCTS = ("نرم‌افزار CRM", "پشتیبانی سالانه", "مرکز تماس", "Training")
TAGS = ("مهم", "نمایشگاه", "VIP", "پیگیری")
