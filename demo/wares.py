"""What the tenants of the demo mall make and sell, by line of goods. Prices are made up; the goods are real ones.

A ware: name in English and Hindi, unit, HSN (with its variant), price in rupees, room in litres, then what its kind
wants: size and material of cloth, ingredients and days of food, net quantity of a package.
"""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Ware:
    """One product to be."""

    name_en: str
    name_hi: str
    kind: str
    hsn: str
    price: int
    litres: str = "1"
    unit: str = "NOS"
    size: str = ""
    material: str = ""
    net: str = ""
    ingredients: str = ""
    days: int | None = None

    @property
    def mrp(self) -> Decimal:
        return Decimal(self.price)


@dataclass(frozen=True)
class Line:
    """Wares that one maker makes, with the craft and the GI that they may claim."""

    craft: str | None
    gi: str | None
    colours: tuple[str, str, str]
    wares: tuple[Ware, ...]


def _cloth(en: str, hi: str, hsn: str, price: int, size: str, material: str, litres: str = "3") -> Ware:
    return Ware(en, hi, "textile", hsn, price, litres, size=size, material=material)


def _craft(en: str, hi: str, hsn: str, price: int, size: str, litres: str = "2", unit: str = "NOS") -> Ware:
    return Ware(en, hi, "handicraft", hsn, price, litres, unit, size=size)


def _food(en: str, hi: str, hsn: str, price: int, net: str, ingredients: str, days: int) -> Ware:
    return Ware(en, hi, "food", hsn, price, "0.8", "PAC", net=net, ingredients=ingredients, days=days)


def _loose(en: str, hi: str, hsn: str, price: int) -> Ware:
    return Ware(en, hi, "farm", hsn, price, "1.3", "KGS")


SARI, STOLE = "5.5 m × 1.15 m", "2 m × 0.7 m"
LINES: dict[str, Line] = {
    "chanderi": Line("chanderi", "chanderi-sarees", ("#7a1f2b", "#e8c66a", "#f3e6c8"), (
        _cloth("Chanderi silk sari, ashrafi buti", "चंदेरी रेशमी साड़ी, अशर्फ़ी बूटी", "5007", 8500, SARI, "silk, zari"),
        _cloth("Chanderi silk-cotton sari, nalferma border", "चंदेरी सिल्क-कॉटन साड़ी, नालफ़ेरमा किनारा",
            "5007", 4200, SARI, "50% silk, 50% cotton"),
        _cloth("Chanderi cotton sari, plain", "चंदेरी सूती साड़ी, सादी", "5208", 2600, SARI, "cotton"),
        _cloth("Chanderi dupatta with buti", "चंदेरी दुपट्टा, बूटीदार",
            "5007", 1450, "2.5 m × 0.9 m", "50% silk, 50% cotton", "1"),
        _cloth("Chanderi stole", "चंदेरी स्टोल", "5007", 950, STOLE, "50% silk, 50% cotton", "1"),
        _cloth("Chanderi suit length, three pieces", "चंदेरी सूट का कपड़ा, तीन पीस",
            "5208", 3100, "2.5 m + 2.5 m + 2.5 m", "cotton, silk"),
        _cloth("Chanderi cushion cover, pair", "चंदेरी कुशन कवर, जोड़ी", "5208", 780, "40 cm × 40 cm", "cotton", "1"),
    )),
    "maheshwari": Line("maheshwari", "maheshwar-sarees-fabrics", ("#22543d", "#d9b44a", "#efe3c0"), (
        _cloth("Maheshwari silk-cotton sari, bugdi border", "माहेश्वरी सिल्क-कॉटन साड़ी, बुगड़ी किनारा",
            "5007", 3900, SARI, "silk, cotton"),
        _cloth("Maheshwari sari, chatai border", "माहेश्वरी साड़ी, चटाई किनारा", "5208", 2900, SARI, "cotton"),
        _cloth("Maheshwari dupatta", "माहेश्वरी दुपट्टा", "5208", 1250, "2.5 m × 0.9 m", "silk, cotton", "1"),
        _cloth("Maheshwari stole", "माहेश्वरी स्टोल", "5208", 850, STOLE, "cotton", "1"),
        _cloth("Maheshwari suit length", "माहेश्वरी सूट का कपड़ा", "5208", 2700, "7 m", "silk, cotton"),
        _cloth("Maheshwari running cloth, 2.5 m piece", "माहेश्वरी थान, ढाई मीटर का टुकड़ा",
            "5208", 1100, "2.5 m × 1.1 m", "cotton", "2"),
    )),
    "batik": Line("batik", "ujjain-batik-print", ("#1c3f6e", "#d98e32", "#f0d9a8"), (
        _cloth("Batik sari of Bherugarh", "भेरूगढ़ की बाटिक साड़ी", "5208", 1850, SARI, "cotton"),
        _cloth("Batik bedsheet with two pillow covers", "बाटिक चादर, दो तकिया ग़िलाफ़ के साथ",
            "5208", 1350, "2.7 m × 2.3 m", "cotton", "6"),
        _cloth("Batik dress length, 5 m", "बाटिक ड्रेस का कपड़ा, पाँच मीटर", "5208", 1050, "5 m × 1.1 m", "cotton"),
        _cloth("Batik stole", "बाटिक स्टोल", "5208", 480, STOLE, "cotton", "1"),
        _cloth("Batik wall hanging, Mahakal", "बाटिक वॉल हैंगिंग, महाकाल", "5208", 690, "90 cm × 60 cm", "cotton", "1"),
        _cloth("Batik handkerchiefs, set of three", "बाटिक रूमाल, तीन का सेट",
            "5208", 210, "30 cm × 30 cm", "cotton", "0.4"),
    )),
    "bagh": Line("bagh-print", "bagh-prints-of-madhya-pradesh", ("#8c1c13", "#1f1a17", "#f1e4cf"), (
        _cloth("Bagh print sari in red and black", "बाघ प्रिंट साड़ी, लाल और काली", "5208", 2200, SARI, "cotton"),
        _cloth("Bagh print bedsheet", "बाघ प्रिंट चादर", "5208", 1600, "2.7 m × 2.3 m", "cotton", "6"),
        _cloth("Bagh print dupatta", "बाघ प्रिंट दुपट्टा", "5208", 780, "2.5 m × 0.9 m", "cotton", "1"),
        _cloth("Bagh print table runner", "बाघ प्रिंट टेबल रनर", "5208", 520, "1.8 m × 0.4 m", "cotton", "1"),
        _cloth("Bagh print suit length", "बाघ प्रिंट सूट का कपड़ा", "5208", 1450, "5 m", "cotton"),
        _cloth("Bagh print cushion cover, pair", "बाघ प्रिंट कुशन कवर, जोड़ी", "5208", 560, "40 cm × 40 cm", "cotton", "1"),
    )),
    "zari": Line("zari-zardozi", None, ("#3b1f4a", "#e0b84c", "#f4ead2"), (
        _craft("Zardozi batua purse", "ज़रदोज़ी बटुआ", "4202", 850, "18 cm × 15 cm", "0.5"),
        _craft("Zardozi clutch", "ज़रदोज़ी क्लच", "4202", 1450, "24 cm × 14 cm", "1"),
        _craft("Zari belt", "ज़री की बेल्ट", "4203", 650, "95 cm", "0.5"),
        _craft("Zardozi cushion cover", "ज़रदोज़ी कुशन कवर", "5208", 1100, "40 cm × 40 cm", "1"),
        _craft("Zardozi wall panel, peacock", "ज़रदोज़ी वॉल पैनल, मोर", "4414", 3200, "60 cm × 45 cm", "8"),
    )),
    "carpet": Line("carpet", "gwalior-handmade-carpet", ("#5b2333", "#2f4858", "#d8c3a5"), (
        _cloth("Panja dari, geometric", "पंजा दरी, ज्यामितीय", "57", 2400, "1.8 m × 1.2 m", "cotton", "14"),
        _cloth("Panja dari, small", "पंजा दरी, छोटी", "57", 950, "1.2 m × 0.6 m", "cotton", "6"),
        _cloth("Knotted woollen carpet", "गाँठदार ऊनी कालीन", "57", 14500, "1.8 m × 1.2 m", "wool, cotton", "30"),
        _cloth("Prayer mat", "आसन", "57", 420, "60 cm × 60 cm", "cotton", "2"),
        _cloth("Durrie runner", "दरी रनर", "57", 1350, "2.4 m × 0.6 m", "cotton", "9"),
    )),
    "jacket": Line(None, None, ("#41521f", "#c9b458", "#ede6cf"), (
        _cloth("Cotton jacket, sleeveless", "सूती जैकेट, बिना आस्तीन", "62/upto-2500", 1150, "M, L, XL", "cotton"),
        _cloth("Khadi jacket, bandhgala", "खादी जैकेट, बंदगला", "62/upto-2500", 2350, "M, L, XL", "khadi cotton"),
        _cloth("Children's jacket", "बच्चों की जैकेट", "62/upto-2500", 690, "6 to 10 years", "cotton", "2"),
        _cloth("Embroidered jacket for women", "महिलाओं की कढ़ाईदार जैकेट", "62/upto-2500", 1650, "S, M, L", "cotton"),
    )),
    "toys": Line("lac", None, ("#b5301f", "#f0a202", "#2e7d4f"), (
        _craft("Lacquered spinning top", "लाख का लट्टू", "9503", 90, "6 cm", "0.2"),
        _craft("Lacquered rattle", "लाख का झुनझुना", "9503", 140, "14 cm", "0.4"),
        _craft("Kitchen set of wood, 12 pieces", "लकड़ी का किचन सेट, 12 नग", "9503", 650, "box of 30 cm", "5", "SET"),
        _craft("Stacking rings", "रिंग का खिलौना", "9503", 280, "20 cm", "1.5"),
        _craft("Wooden bullock cart", "लकड़ी की बैलगाड़ी", "9503", 480, "25 cm", "4"),
        _craft("Lac bangles, set of six", "लाख की चूड़ियाँ, छह का सेट", "7117", 240, "2.4, 2.6", "0.3", "SET"),
    )),
    "leather": Line("leather-toys", "leather-toys-of-indore", ("#6b4423", "#d8a25a", "#efe0c6"), (
        _craft("Leather horse", "चमड़े का घोड़ा", "9503", 650, "22 cm", "4"),
        _craft("Leather elephant", "चमड़े का हाथी", "9503", 890, "25 cm", "6"),
        _craft("Leather camel", "चमड़े का ऊँट", "9503", 720, "24 cm", "5"),
        _craft("Leather lion", "चमड़े का शेर", "9503", 1150, "30 cm", "7"),
    )),
    "bamboo": Line("bamboo", None, ("#4f6f2f", "#d9b979", "#f2e7cb"), (
        _craft("Bamboo basket with handle", "बाँस की टोकरी, हत्थे वाली", "4602", 260, "30 cm", "14"),
        _craft("Bamboo winnow (soop)", "बाँस का सूप", "4602", 150, "45 cm", "8"),
        _craft("Bamboo table lamp", "बाँस का टेबल लैंप", "4602", 780, "35 cm", "16"),
        _craft("Bamboo tray", "बाँस की ट्रे", "4602", 340, "40 cm × 28 cm", "5"),
        _craft("Bamboo stool (mudha)", "बाँस का मूढ़ा", "9401/bamboo-cane", 950, "45 cm", "60"),
        _craft("Bamboo bottle", "बाँस की बोतल", "4602", 420, "750 ml", "1.5"),
    )),
    "wood": Line("wood-carving", "chhatarpur-furniture", ("#5a3a22", "#b98a55", "#ead9bd"), (
        _craft("Carved wooden box", "नक़्क़ाशीदार लकड़ी का डिब्बा", "4420", 780, "20 cm × 14 cm", "3"),
        _craft("Carved teak panel, Nandi", "सागौन का नक़्क़ाशीदार पैनल, नंदी", "4420", 4800, "60 cm × 45 cm", "14"),
        _craft("Low stool of teak (patla)", "सागौन का पाटला", "9403/wooden", 1250, "35 cm", "20"),
        _craft("Photo frame of teak", "सागौन का फ़ोटो फ़्रेम", "4414", 450, "18 cm × 13 cm", "2"),
        _craft("Wooden bowl", "लकड़ी का कटोरा", "4421", 360, "18 cm", "2"),
    )),
    "stone": Line("stone-carving", "gwalior-stone-craft", ("#8d7b68", "#c8b6a6", "#f1dec9"), (
        _craft("Sandstone Ganesh", "बलुआ पत्थर के गणेश", "6802/carved", 1850, "22 cm", "4"),
        _craft("Sandstone diya, pair", "बलुआ पत्थर का दीया, जोड़ी", "6802/carved", 240, "9 cm", "0.6", "PRS"),
        _craft("Sandstone elephant, openwork", "बलुआ पत्थर का जालीदार हाथी", "6802/carved", 2600, "20 cm", "4"),
        _craft("Stone mortar and pestle", "पत्थर का खल-बट्टा", "6802/carved", 560, "14 cm", "3", "SET"),
        _craft("Stone nameplate", "पत्थर की नामपट्टी", "6802/carved", 950, "30 cm × 15 cm", "3"),
    )),
    "metal": Line("bell-metal", "bell-metal-ware-of-datia-and-tikamgarh", ("#7a5c1e", "#cda349", "#2d2a26"), (
        _craft("Bell metal oil lamp", "बेल मेटल का दीपक", "8306", 1150, "16 cm", "1.5"),
        _craft("Bell metal horse and rider", "बेल मेटल का घुड़सवार", "8306", 2450, "24 cm", "4"),
        _craft("Bell metal bowl", "काँसे का कटोरा", "8306", 880, "14 cm", "1"),
        _craft("Dhokra bullock", "ढोकरा बैल", "8306", 980, "14 cm", "1.5"),
        _craft("Brass bell", "पीतल की घंटी", "7419", 360, "10 cm", "0.6"),
    )),
    "gond": Line("gond-painting", "gond-painting-of-madhya-pradesh", ("#0f4c5c", "#e36414", "#f6d58e"), (
        _craft("Gond painting, tree of life", "गोंड चित्र, जीवन वृक्ष", "9701", 6500, "60 cm × 45 cm", "4"),
        _craft("Gond painting, deer", "गोंड चित्र, हिरण", "9701", 2800, "40 cm × 30 cm", "2"),
        _craft("Gond painting, small, peacock", "गोंड चित्र, छोटा, मोर", "9701", 950, "21 cm × 15 cm", "0.5"),
        _craft("Gond painted tray", "गोंड चित्रित ट्रे", "4420", 1250, "35 cm × 25 cm", "4"),
        _craft("Wrought iron lamp of Dindori", "डिंडौरी का लोहे का दीया", "7326", 680, "30 cm", "4"),
    )),
    "papier": Line("papier-mache", "gwalior-paper-mache-craft", ("#1d5c63", "#ed9b40", "#fcefb4"), (
        _craft("Papier-mâché bowl", "पेपर मैशे का कटोरा", "4823", 320, "18 cm", "2"),
        _craft("Papier-mâché mask", "पेपर मैशे का मुखौटा", "4823", 540, "28 cm", "5"),
        _craft("Papier-mâché box", "पेपर मैशे का डिब्बा", "4823", 410, "14 cm", "1.5"),
    )),
    "millet": Line(None, None, ("#8a7b33", "#d7c27a", "#f5edd0"), (
        Ware("Kodo millet, packed", "कोदो, पैकेट",
            "food", "1008/packed", 110, "1.3", "PAC", net="1 kg", ingredients="kodo millet", days=270),
        Ware("Kutki millet, packed", "कुटकी, पैकेट",
            "food", "1008/packed", 130, "1.3", "PAC", net="1 kg", ingredients="kutki millet", days=270),
        _food("Kodo biscuits", "कोदो के बिस्किट", "210690", 90, "200 g", "kodo flour, jaggery, ghee (milk)", 120),
        _food("Kutki namkeen", "कुटकी नमकीन", "210690", 80, "200 g", "kutki, gram flour, oil, spices", 90),
        _loose("Kodo millet, loose", "कोदो, खुला", "1008/loose", 75),
        _loose("Kutki millet, loose", "कुटकी, खुली", "1008/loose", 85),
    )),
    "rice": Line(None, "balaghat-chinnor", ("#6d8b3c", "#e9e2b7", "#faf6e3"), (
        Ware("Chinnor rice, packed", "चिन्नौर चावल, पैकेट",
            "food", "1006/packed", 160, "1.2", "PAC", net="1 kg", ingredients="rice", days=365),
        Ware("Basmati rice, packed", "बासमती चावल, पैकेट",
            "food", "1006/packed", 190, "1.2", "PAC", net="1 kg", ingredients="rice", days=365),
        _food("Poha of Ujjain", "उज्जैन का पोहा", "210690", 70, "500 g", "flattened rice", 180),
        _loose("Rice, loose", "चावल, खुला", "1006/loose", 95),
        Ware("Toor dal, packed", "तुअर दाल, पैकेट",
            "food", "0713/packed", 170, "1.2", "PAC", net="1 kg", ingredients="toor dal", days=240),
    )),
    "spice": Line(None, None, ("#a4262c", "#e0a526", "#f6e7c1"), (
        Ware("Chilli powder of Khargone", "खरगोन की मिर्च पाउडर",
            "food", "0904", 95, "0.6", "PAC", net="200 g", ingredients="red chilli", days=270),
        Ware("Coriander powder", "धनिया पाउडर",
            "food", "0909", 70, "0.6", "PAC", net="200 g", ingredients="coriander", days=270),
        Ware("Turmeric powder", "हल्दी पाउडर",
            "food", "0910", 80, "0.6", "PAC", net="200 g", ingredients="turmeric", days=270),
        Ware("Dry ginger", "सोंठ", "food", "0910", 120, "0.6", "PAC", net="100 g", ingredients="ginger", days=300),
        _food("Garlic chutney, dry", "लहसुन की सूखी चटनी", "210690", 110, "150 g", "garlic, chilli, salt, groundnut", 60),
    )),
    "namkeen": Line(None, "ratlami-sev", ("#c77d1e", "#f2c14e", "#fff3d1"), (
        _food("Ratlami sev", "रतलामी सेव", "210690", 120, "400 g", "gram flour, groundnut oil, spices", 75),
        _food("Laung sev", "लौंग सेव", "210690", 125, "400 g", "gram flour, oil, clove", 75),
        _food("Ujjaini mixture", "उज्जैनी मिक्सचर", "210690", 110, "400 g", "gram flour, groundnut, poha, oil", 75),
        _food("Gajak of Morena", "मुरैना की गजक", "1704/gajak", 180, "400 g", "sesame, jaggery", 45),
        _food("Sesame laddu", "तिल के लड्डू", "1704/gajak", 140, "300 g", "sesame, jaggery", 30),
        _food("Amla murabba", "आँवले का मुरब्बा", "210690", 160, "500 g", "amla, sugar", 240),
    )),
    "jaggery": Line(None, None, ("#7b4b1d", "#d08c3c", "#f3dfc1"), (
        Ware("Jaggery, packed", "गुड़, पैकेट",
            "food", "1701/packed", 75, "0.8", "PAC", net="1 kg", ingredients="sugarcane", days=180),
        Ware("Jaggery powder", "गुड़ पाउडर",
            "food", "1701/packed", 90, "0.8", "PAC", net="500 g", ingredients="sugarcane", days=180),
        _food("Mahua laddu", "महुआ के लड्डू", "1704/gajak", 150, "250 g", "mahua, jaggery, sesame", 30),
        _food("Honey of the forest", "जंगल का शहद", "210690", 280, "500 g", "honey", 365),
        _loose("Jaggery, loose", "गुड़, खुला", "1701/loose", 55),
    )),
    "group": Line("jute", None, ("#43507a", "#d4a373", "#faedcd"), (
        _craft("Jute shopping bag", "जूट का थैला", "4202", 180, "40 cm × 35 cm", "2"),
        _craft("Jute table mats, set of six", "जूट के टेबल मैट, छह का सेट", "4601", 360, "45 cm × 30 cm", "2", "SET"),
        _craft("Terracotta planter", "टेराकोटा गमला", "6913", 220, "18 cm", "7"),
        _craft("Terracotta diyas, set of twelve", "टेराकोटा दीये, बारह का सेट", "6913", 120, "6 cm", "2", "SET"),
        _food("Mango pickle", "आम का अचार", "210690", 150, "500 g", "mango, mustard oil, spices", 300),
        _food("Urad papad", "उड़द पापड़", "210690", 90, "250 g", "urad flour, spices", 150),
        _food("Badi of moong", "मूँग की बड़ी", "210690", 85, "250 g", "moong dal, spices", 150),
    )),
    "firm": Line(None, None, ("#2b3a67", "#b56576", "#eaac8b"), (
        _craft("Brass diya of Ujjain", "उज्जैन का पीतल का दीया", "7419", 320, "10 cm", "0.5"),
        _craft("Terracotta Mahakal", "टेराकोटा महाकाल", "6913", 480, "18 cm", "3"),
        _craft("Rudraksha bracelet", "रुद्राक्ष कंगन", "7117", 260, "20 cm", "0.1"),
        _craft("Cloth bag with Ujjain print", "उज्जैन छाप कपड़े का थैला", "4202", 220, "38 cm × 35 cm", "0.8"),
    )),
    "emporium": Line(None, None, ("#264653", "#e9c46a", "#f4f1de"), (
        _cloth("handloom shawl", "हथकरघा शॉल", "6214", 2600, "2 m × 1 m", "wool", "2"),
        _cloth("handloom stole", "हथकरघा स्टोल", "6214", 1200, STOLE, "silk, cotton", "1"),
        _craft("carved box", "नक़्क़ाशीदार डिब्बा", "4420", 850, "20 cm × 12 cm", "3"),
        _craft("painted toy, pair", "चित्रित खिलौने, जोड़ी", "9503", 450, "14 cm", "1.5", "PRS"),
        _craft("metal lamp", "धातु का दीपक", "8306", 1350, "22 cm", "3"),
        _craft("painting on paper", "काग़ज़ पर चित्र", "9701", 1900, "40 cm × 30 cm", "1"),
    )),
}  # fmt: skip

# Which line a listed (ODOP) product and a GI registration belong to.
OF_LISTED = {
    "chanderi-handloom": "chanderi", "batik-print": "batik", "bagh-print": "bagh", "carpet-panja-dari": "carpet",
    "zari-zardozi-embroidery": "zari", "cloth-jacket": "jacket", "wooden-toys-lacquerware": "toys", "bamboo": "bamboo",
    "bamboo-crafts": "bamboo", "wooden-furniture": "wood", "teak-wood": "wood", "sandstone-tiles": "stone",
    "katni-stone": "stone", "kodo-kutki": "millet", "chinnor-rice": "rice", "basmati-rice": "rice", "toor-dal": "rice",
    "gram": "rice", "chilli": "spice", "coriander": "spice", "turmeric": "spice", "ginger": "spice", "garlic": "spice",
    "mustard": "spice", "ratlami-sev-namkeen": "namkeen", "amla": "namkeen", "jaggery": "jaggery", "mahua": "jaggery",
}  # fmt: skip
OF_GI = {line.gi: code for code, line in LINES.items() if line.gi} | {
    "khajuraho-stone-craft": "stone", "jabalpur-stone-craft": "stone", "morena-gajak": "namkeen",
    "wrought-iron-craft-of-dindori": "gond", "betul-bharewa-metal-craft": "metal",
}  # fmt: skip
