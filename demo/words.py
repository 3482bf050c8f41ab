"""Names for the people and groups of the demo mall, in pairs of English and Hindi. All are made up."""

WOMEN = (
    ("Sunita", "सुनीता"), ("Kamla", "कमला"), ("Rekha", "रेखा"), ("Savitri", "सावित्री"), ("Geeta", "गीता"),
    ("Pushpa", "पुष्पा"), ("Anita", "अनीता"), ("Lakshmi", "लक्ष्मी"), ("Meena", "मीना"), ("Shanti", "शांति"),
    ("Farida", "फ़रीदा"), ("Nafisa", "नफ़ीसा"), ("Durga", "दुर्गा"), ("Phulwati", "फूलवती"), ("Ramkali", "रामकली"),
    ("Sharda", "शारदा"), ("Kavita", "कविता"), ("Parvati", "पार्वती"), ("Zubeda", "ज़ुबैदा"), ("Basanti", "बसंती"),
)  # fmt: skip
MEN = (
    ("Ramesh", "रमेश"), ("Abdul", "अब्दुल"), ("Suresh", "सुरेश"), ("Mohan", "मोहन"), ("Iqbal", "इक़बाल"),
    ("Govind", "गोविंद"), ("Bhagwan", "भगवान"), ("Kailash", "कैलाश"), ("Nand Kishore", "नंद किशोर"), ("Rafiq", "रफ़ीक़"),
    ("Dinesh", "दिनेश"), ("Hukum", "हुकुम"), ("Balram", "बलराम"), ("Umar", "उमर"), ("Chhagan", "छगन"),
    ("Jagdish", "जगदीश"), ("Prakash", "प्रकाश"), ("Vikram", "विक्रम"), ("Salim", "सलीम"), ("Tulsiram", "तुलसीराम"),
)  # fmt: skip
SURNAMES = (
    ("Verma", "वर्मा"), ("Ansari", "अंसारी"), ("Malviya", "मालवीय"), ("Patel", "पटेल"), ("Khatri", "खत्री"),
    ("Prajapati", "प्रजापति"), ("Dhurve", "धुर्वे"), ("Maravi", "मरावी"), ("Koli", "कोली"), ("Vishwakarma", "विश्वकर्मा"),
    ("Sahu", "साहू"), ("Chauhan", "चौहान"), ("Solanki", "सोलंकी"), ("Baiga", "बैगा"), ("Khan", "ख़ान"),
    ("Yadav", "यादव"), ("Raikwar", "रैकवार"), ("Uikey", "उइके"), ("Jain", "जैन"), ("Bhil", "भील"),
)  # fmt: skip
GROUPS = (
    ("Maa Narmada", "माँ नर्मदा"), ("Jai Ambe", "जय अंबे"), ("Ujala", "उजाला"), ("Sakhi", "सखी"), ("Shakti", "शक्ति"),
    ("Laxmi", "लक्ष्मी"), ("Pragati", "प्रगति"), ("Kalpana", "कल्पना"), ("Saraswati", "सरस्वती"), ("Umang", "उमंग"),
    ("Gayatri", "गायत्री"), ("Mahila Jyoti", "महिला ज्योति"),
)  # fmt: skip
FIRMS = (
    ("Malwa Zaika", "मालवा ज़ायका"), ("Kshipra Sweets", "क्षिप्रा मिष्ठान्न"), ("Avantika Books", "अवंतिका बुक्स"),
    ("Mahakal Prasad Bhandar", "महाकाल प्रसाद भंडार"), ("Sandipani Stationers", "सांदीपनि स्टेशनर्स"),
    ("Bhartrihari Silks", "भर्तृहरि सिल्क्स"), ("Rajwada Namkeen", "राजवाड़ा नमकीन"), ("Triveni Jewels", "त्रिवेणी ज्वेल्स"),
    ("Ramghat Tea House", "रामघाट टी हाउस"), ("Kalidas Gifts", "कालिदास गिफ़्ट्स"), ("Vikram Optics", "विक्रम ऑप्टिक्स"),
    ("Shipra Ayurved", "शिप्रा आयुर्वेद"),
)  # fmt: skip
SHG = ("{name} Self-Help Group, {place}", "{name} स्वयं सहायता समूह, {place}")
COOPERATIVE = ("{name} Producers' Cooperative Society, {place}", "{name} उत्पादक सहकारी समिति, {place}")
FPO = ("{name} Producer Company, {place}", "{name} प्रोड्यूसर कंपनी, {place}")
ARTISAN = ("{name}, {place}", "{name}, {place}")
EMPORIUM = ("{place} State Emporium", "{place} राज्य एम्पोरियम")
UT_EMPORIUM = ("{place} Emporium", "{place} एम्पोरियम")
DISTRICT = ("District Administration {place}", "ज़िला प्रशासन {place}")
FIRM = ("{name}", "{name}")
