# ruff: noqa: E501
"""Words from which chart texts are composed: lists of facts and parts of invented names, five languages."""

from __future__ import annotations


def _w(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _c(text: str) -> tuple[str, ...]:
    return tuple(" ".join(part.split()) for part in text.split(",") if part.strip())


COUNTRIES = {
    "en": _c("""United States, China, Japan, Germany, India, United Kingdom, France, Italy, Brazil, Canada, Russia,
        South Korea, Australia, Spain, Mexico, Indonesia, Netherlands, Saudi Arabia, Turkey, Switzerland, Poland,
        Sweden, Belgium, Thailand, Ireland, Austria, Nigeria, Israel, Argentina, Norway, Egypt, Vietnam, Bangladesh,
        South Africa, Philippines, Denmark, Malaysia, Colombia, Pakistan, Chile, Finland, Czechia, Romania, Portugal,
        New Zealand, Greece, Peru, Hungary, Kazakhstan, Qatar, Algeria, Kuwait, Morocco, Ecuador, Kenya, Ethiopia,
        Slovakia, Dominican Republic, Guatemala, Oman, Bulgaria, Luxembourg, Venezuela, Croatia, Uruguay, Lithuania,
        Costa Rica, Panama, Serbia, Slovenia, Tanzania, Ghana, Tunisia, Jordan, Bolivia, Paraguay, Bahrain, Cameroon,
        Uganda, Latvia, Estonia, Nepal, Zambia, Cambodia, Iceland, Honduras, Cyprus, El Salvador, Senegal,
        Bosnia and Herzegovina, Georgia, Zimbabwe, Mozambique, Mongolia, Albania, Malta, Botswana, Rwanda, Namibia, Laos, Mali,
        Sri Lanka, Iran, Iraq, Ukraine, Belarus, Uzbekistan, Myanmar, Angola, Ivory Coast, Libya, Sudan, Lebanon,
        Papua New Guinea, Trinidad and Tobago, North Macedonia, Jamaica, Fiji, Singapore, Hong Kong, Taiwan"""),
    "de": _c("""Deutschland, Österreich, Schweiz, Frankreich, Italien, Spanien, Portugal, Niederlande, Belgien,
        Luxemburg, Dänemark, Schweden, Norwegen, Finnland, Polen, Tschechien, Slowakei, Ungarn, Rumänien, Bulgarien,
        Griechenland, Türkei, Großbritannien, Irland, Island, Estland, Lettland, Litauen, Kroatien, Slowenien,
        Vereinigte Staaten, Kanada, Mexiko, Brasilien, Argentinien, Chile, China, Japan, Südkorea, Indien, Australien,
        Neuseeland, Südafrika, Ägypten, Marokko, Russland, Ukraine, Israel, Saudi-Arabien, Bayern, Hessen, Sachsen,
        Niedersachsen, Baden-Württemberg, Nordrhein-Westfalen, Rheinland-Pfalz, Thüringen, Brandenburg, Saarland,
        Schleswig-Holstein, Sachsen-Anhalt, Mecklenburg-Vorpommern"""),
    "fr": _c("""France, Allemagne, Italie, Espagne, Portugal, Pays-Bas, Belgique, Luxembourg, Suisse, Autriche,
        Royaume-Uni, Irlande, Danemark, Suède, Norvège, Finlande, Pologne, République tchèque, Hongrie, Roumanie,
        Bulgarie, Grèce, Turquie, Russie, Ukraine, États-Unis, Canada, Mexique, Brésil, Argentine, Chili, Chine, Japon,
        Corée du Sud, Inde, Australie, Nouvelle-Zélande, Maroc, Algérie, Tunisie, Égypte, Sénégal, Côte d’Ivoire,
        Cameroun, Bretagne, Normandie, Occitanie, Île-de-France, Grand Est, Nouvelle-Aquitaine, Hauts-de-France,
        Pays de la Loire, Auvergne-Rhône-Alpes, Corse, Provence-Alpes-Côte d’Azur"""),
    "es": _c("""España, Francia, Alemania, Italia, Portugal, Países Bajos, Bélgica, Suiza, Austria, Reino Unido,
        Irlanda, Dinamarca, Suecia, Noruega, Finlandia, Polonia, Hungría, Rumanía, Grecia, Turquía, Estados Unidos,
        Canadá, México, Brasil, Argentina, Chile, Perú, Colombia, Ecuador, Bolivia, Uruguay, Paraguay, Venezuela, Cuba,
        República Dominicana, Costa Rica, Panamá, Guatemala, El Salvador, China, Japón, Corea del Sur, India, Marruecos,
        Egipto, Sudáfrica, Andalucía, Cataluña, Galicia, País Vasco, Castilla y León, Aragón, Comunidad de Madrid"""),
    "zh": _c("""中国, 美国, 日本, 德国, 法国, 英国, 意大利, 加拿大, 俄罗斯, 韩国, 印度, 巴西, 澳大利亚, 西班牙, 墨西哥, 印度尼西亚,
        荷兰, 瑞士, 瑞典, 波兰, 比利时, 奥地利, 挪威, 丹麦, 芬兰, 爱尔兰, 葡萄牙, 希腊, 土耳其, 以色列, 埃及, 南非, 尼日利亚,
        肯尼亚, 阿根廷, 智利, 秘鲁, 哥伦比亚, 越南, 泰国, 马来西亚, 新加坡, 菲律宾, 巴基斯坦, 新西兰, 沙特阿拉伯, 阿联酋"""),
}

CITIES = {
    "en": _c("""London, Paris, New York, Tokyo, Berlin, Madrid, Rome, Vienna, Prague, Warsaw, Budapest, Lisbon, Dublin,
        Oslo, Stockholm, Helsinki, Copenhagen, Athens, Istanbul, Moscow, Kyiv, Cairo, Lagos, Nairobi, Johannesburg,
        Cape Town, Accra, Casablanca, Dubai, Doha, Riyadh, Tehran, Mumbai, Delhi, Bengaluru, Chennai, Kolkata, Karachi,
        Lahore, Dhaka, Bangkok, Hanoi, Jakarta, Manila, Singapore, Kuala Lumpur, Seoul, Busan, Osaka, Kyoto, Beijing,
        Shanghai, Shenzhen, Taipei, Sydney, Melbourne, Brisbane, Perth, Auckland, Toronto, Montreal, Vancouver, Chicago,
        Los Angeles, San Francisco, Seattle, Boston, Houston, Dallas, Miami, Atlanta, Denver, Phoenix, Philadelphia,
        Detroit, Minneapolis, Portland, San Diego, Las Vegas, Mexico City, Bogotá, Lima, Santiago, Buenos Aires,
        São Paulo, Rio de Janeiro, Caracas, Quito, Havana, Manchester, Birmingham, Leeds, Glasgow, Bristol, Liverpool,
        Cardiff, Belfast, Lyon, Marseille, Milan, Naples, Turin, Barcelona, Valencia, Seville, Porto, Zürich, Geneva,
        Hamburg, Munich, Cologne, Frankfurt, Stuttgart, Rotterdam, Antwerp, Gothenburg, Bergen, Kraków, Sofia"""),
    "de": _c("""Berlin, Hamburg, München, Köln, Frankfurt am Main, Stuttgart, Düsseldorf, Leipzig, Dortmund, Essen, Bremen,
        Dresden, Hannover, Nürnberg, Duisburg, Bochum, Wuppertal, Bielefeld, Bonn, Münster, Mannheim, Karlsruhe, Augsburg,
        Wiesbaden, Wien, Graz, Linz, Salzburg, Innsbruck, Zürich, Basel, Bern, Genf, Lausanne, Lübeck, Erfurt, Mainz"""),
    "fr": _c("""Paris, Marseille, Lyon, Toulouse, Nice, Nantes, Montpellier, Strasbourg, Bordeaux, Lille, Rennes, Reims,
        Saint-Étienne, Le Havre, Toulon, Grenoble, Dijon, Angers, Nîmes, Clermont-Ferrand, Brest, Limoges, Tours, Amiens,
        Genève, Lausanne, Bruxelles, Liège, Namur, Montréal, Québec, Dakar, Abidjan, Casablanca, Tunis"""),
    "es": _c("""Madrid, Barcelona, Valencia, Sevilla, Zaragoza, Málaga, Murcia, Palma, Bilbao, Alicante, Córdoba, Valladolid,
        Vigo, Gijón, Granada, Oviedo, Pamplona, Santander, Ciudad de México, Guadalajara, Monterrey, Puebla, Bogotá,
        Medellín, Cali, Lima, Arequipa, Quito, Guayaquil, Santiago, Valparaíso, Buenos Aires, Rosario, Montevideo, La Paz"""),
    "zh": _c("""北京, 上海, 广州, 深圳, 天津, 重庆, 成都, 武汉, 杭州, 南京, 西安, 苏州, 郑州, 长沙, 沈阳, 青岛, 大连, 宁波, 厦门, 福州,
        济南, 合肥, 昆明, 哈尔滨, 长春, 石家庄, 太原, 南昌, 南宁, 贵阳, 兰州, 银川, 西宁, 乌鲁木齐, 拉萨, 海口, 呼和浩特, 无锡,
        佛山, 东莞, 广东, 江苏, 山东, 浙江, 河南, 四川, 湖北, 湖南, 福建, 安徽, 河北, 陕西, 辽宁, 江西, 云南, 广西, 山西, 贵州,
        黑龙江, 吉林, 甘肃, 内蒙古, 新疆, 海南, 宁夏, 青海, 香港, 澳门"""),
}

REGIONS = _c("""North America, Latin America, Western Europe, Eastern Europe, Middle East & Africa, Asia Pacific, South Asia,
    Sub-Saharan Africa, EMEA, APAC, Americas, Oceania, Central Asia, Caribbean, Nordics, Benelux, DACH, Southern Europe,
    Northeast, Midwest, South, West, North, East, Central, Southwest, Northwest, Greater London, Scotland, Wales,
    Yorkshire and the Humber, East Midlands, West Midlands, South East, New England, Pacific Coast, Rest of world""")
STATES = _c("""Alabama, Alaska, Arizona, California, Colorado, Connecticut, Florida, Georgia, Hawaii, Idaho, Illinois,
    Indiana, Iowa, Kansas, Kentucky, Louisiana, Maine, Maryland, Massachusetts, Michigan, Minnesota, Mississippi, Missouri,
    Montana, Nebraska, Nevada, New Jersey, New Mexico, New York, North Carolina, Ohio, Oklahoma, Oregon, Pennsylvania,
    Rhode Island, Tennessee, Texas, Utah, Vermont, Virginia, Washington, Wisconsin, Wyoming, Kerala, Tamil Nadu, Punjab,
    Gujarat, Maharashtra, Uttar Pradesh, Bihar, Karnataka, Ontario, Quebec, Alberta, Victoria, Queensland""")
CODES = _w(
    "US CN JP DE IN UK FR IT BR CA RU KR AU ES MX ID NL SA TR CH PL SE BE TH IE AT NG IL AR NO EG VN ZA DK MY CO CL FI "
    "USA GBR DEU FRA ITA ESP JPN CHN KOR AUS NZL CAN MEX BRA ARG CHL IND POL CZE HUN GRC PRT NLD BEL SWE NOR DNK FIN"
)

FIRST = _w("""James Mary John Linda Robert Susan Michael Karen David Nancy Thomas Lisa Daniel Emma Paul Laura Mark Julia
    Peter Anna Kevin Sofia Brian Olivia George Grace Edward Chloe Henry Ella Oscar Ruth Felix Nora Hugo Maya Leon Clara
    Ivan Elena Marco Lucia Pablo Carmen Diego Ines Mateo Rosa Ahmed Fatima Omar Layla Ali Zainab Raj Priya Arjun Anita
    Wei Mei Jun Lan Hiro Yuki Kenji Aiko Min Ji Tunde Amara Kofi Zola Lars Ingrid Sven Astrid Piotr Ewa Jan Zofia""")
LAST = _w("""Smith Johnson Brown Taylor Miller Wilson Moore Anderson Thompson Walker Harris Clark Lewis Young Hall Wright
    Scott Green Baker Adams Nelson Carter Mitchell Turner Phillips Campbell Parker Evans Edwards Collins Stewart Morris
    Rogers Reed Cook Morgan Bell Murphy Bailey Cooper Richardson Cox Howard Ward Peterson Gray Watson Brooks Kelly Sanders
    Price Bennett Wood Barnes Ross Henderson Coleman Jenkins Perry Powell Long Hughes Flores Müller Schmidt Schneider
    Fischer Weber Wagner Becker Hoffmann Koch Richter Klein Wolf Dubois Moreau Laurent Girard Fournier Rousseau Garcia
    Martinez Lopez Gonzalez Perez Sanchez Ramirez Torres Rivera Gomez Rossi Russo Ferrari Bianchi Romano Silva Santos
    Oliveira Kowalski Nowak Novak Svoboda Horvat Petrov Ivanov Popov Kim Park Choi Tanaka Suzuki Sato Nguyen Tran Singh
    Patel Sharma Gupta Khan Hussain Okafor Mensah Diallo Hansen Olsen Larsen Nilsson Berg Lindqvist Virtanen Yilmaz""")
SYLLABLES_A = _w("""Al Ar Ax Bel Bran Bri Cal Car Cor Cy Da Del Dor El Em Ev Fal Fen Gal Gar Hal Hel Ing Is Jor Kal Kel Kor
    La Len Lo Lum Mar Mel Mi Mon Na Nor Nov O Or Pal Per Pra Qua Ra Ren Ro Sal Sen Sol Sta Tal Ter Tri Ul Val Ver Vi Vor
    Wes Wil Xan Ya Zen Zo""")
SYLLABLES_B = _w("""a an ar bi bo ca da de do el en er fi ga gi go i in ka ko la le li lo ma me mi mo na ne ni no o on or pa
    ra re ri ro sa se ta te ti to ul va ve vi""")
SYLLABLES_BRAND = _w(
    "nix ra trix lia tec via ron dyne mora sys scape lux net zen cor gen flow sense wave bit data logic ware "
    "soft med bio pharm tron line point"
)
SYLLABLES_PLACE = _w(
    "ton ham ford burg berg stad ville field wick by thorpe mouth port haven dale bridge chester minster grad "
    "ovo nia land mont bourg heim dorf sund vik"
)
COMPANY = _w(
    "Inc. Ltd Group Holdings AG SE GmbH S.A. Corp. Partners Industries Systems Foods Energy Motors Bank Media"
)
COMPANY_TAIL = _c(
    "& Sons, & Co., Brothers, International, Technologies, Logistics, Insurance, Airlines, Retail, Capital"
)
PRODUCT = _w("""Aero Atlas Bolt Breeze Comet Core Delta Echo Edge Ember Flux Fusion Glide Halo Helix Ion Jade Koda Laser
    Link Loop Luna Metro Nano Neo Nimbus Nova Onyx Opal Orbit Peak Pixel Pulse Quartz Quest Rapid Ridge Rush Sage Scout
    Shift Sierra Sonic Spark Storm Swift Terra Titan Turbo Ultra Vega Vista Volt Wave Zephyr Zoom""")
PRODUCT_TAIL = _w("Pro Max Lite Plus Mini S X XL Air One Go SE HD Classic Sport Basic Premium Home Duo Eco")
ADJECTIVES = _w("""New Old Upper Lower North South East West Great Little Central Inner Outer Fort Port Lake Mount San
    Santa Saint""")

LISTS: dict[str, dict[str, tuple[str, ...]]] = {
    "en": {
        "industry": _c("""Agriculture, Mining, Manufacturing, Construction, Wholesale trade, Retail trade, Transportation,
            Information, Finance, Insurance, Real estate, Education, Health care, Arts and recreation, Hospitality, Utilities,
            Public administration, Automotive, Aerospace, Chemicals, Pharmaceuticals, Textiles, Food and beverages,
            Electronics, Telecommunications, Media, Software, Consulting, Logistics, Tourism, Forestry, Fisheries, Steel,
            Paper and packaging, Machinery, Semiconductors, Banking, Legal services, Waste management, Defence"""),
        "department": _c("""Sales, Marketing, Engineering, Human Resources, Finance, Operations, Legal, Support, R&D, IT, Design,
            Procurement, Quality, Logistics, Customer Success, Administration, Security, Production, Maintenance, Training"""),
        "food": _c("""Apples, Bananas, Oranges, Grapes, Strawberries, Blueberries, Pears, Peaches, Cherries, Mangoes, Tomatoes,
            Potatoes, Carrots, Onions, Lettuce, Spinach, Broccoli, Rice, Wheat, Corn, Barley, Oats, Soybeans, Lentils, Beef,
            Pork, Chicken, Lamb, Turkey, Salmon, Tuna, Shrimp, Milk, Cheese, Butter, Yogurt, Eggs, Bread, Pasta, Coffee, Tea,
            Cocoa, Sugar, Honey, Olive oil, Palm oil, Peanuts, Almonds, Walnuts, Wine, Beer, Orange juice, Sparkling water"""),
        "energy": _c("""Coal, Oil, Natural gas, Nuclear, Hydro, Wind, Solar, Biomass, Geothermal, Offshore wind, Onshore wind,
            Solar PV, Bioenergy, Lignite, Hard coal, Waste, Tidal, Diesel, Hydrogen, Other renewables, Imports, Storage"""),
        "channel": _c("""Organic search, Direct, Referral, Social, Email, Paid search, Display, Affiliates, Video ads, Newsletter,
            Push notification, Podcast, SMS, TV, Radio, Print, Outdoor, Word of mouth, Influencers, Partner sites"""),
        "device": _c(
            """Desktop, Mobile, Tablet, Smart TV, Console, Wearable, Laptop, E-reader, Smart speaker, VR headset"""
        ),
        "education": _c("""No schooling, Primary, Lower secondary, Upper secondary, High school, Some college, Associate degree,
            Bachelor's, Master's, Doctorate, Vocational, Less than high school, Professional degree"""),
        "job": _c("""Software developer, Nurse, Teacher, Accountant, Electrician, Plumber, Driver, Cashier, Chef, Pharmacist,
            Mechanic, Lawyer, Architect, Graphic designer, Data analyst, Civil engineer, Police officer, Firefighter, Pilot,
            Farmer, Journalist, Librarian, Scientist, Social worker, Physician, Dentist, Carpenter, Welder, Receptionist,
            Project manager, Sales representative, Security guard, Warehouse worker, Translator, Veterinarian"""),
        "disease": _c("""Heart disease, Cancer, Stroke, Diabetes, Asthma, COPD, Influenza, Pneumonia, Malaria, Tuberculosis,
            HIV/AIDS, Hepatitis B, Measles, Dementia, Depression, Arthritis, Hypertension, Obesity, Kidney disease, Anaemia,
            Road injuries, Migraine, Back pain, Sepsis, Dengue"""),
        "animal": _c("""Cats, Dogs, Birds, Fish, Rabbits, Horses, Cattle, Sheep, Goats, Pigs, Poultry, Deer, Wolves, Bears, Foxes,
            Otters, Beavers, Bats, Eagles, Owls, Salmon, Trout, Cod, Herring, Frogs, Turtles, Snakes, Bees, Butterflies,
            Beetles, Elephants, Rhinos, Lions, Tigers, Zebras, Giraffes, Gorillas, Whales, Dolphins, Seals, Penguins"""),
        "expense": _c("""Rent, Groceries, Utilities, Transport, Insurance, Health, Education, Entertainment, Clothing, Savings,
            Travel, Restaurants, Childcare, Debt payments, Gifts, Phone and internet, Pets, Taxes, Housing, Personnel,
            Materials, Marketing, Depreciation, Interest, Travel & events, Software licences, Maintenance, Other"""),
        "budget": _c("""Social security, Health, Education, Defence, Transport, Housing, Debt interest, Public order, Environment,
            Culture, Research, Foreign aid, Agriculture, Administration, Pensions, Justice, Infrastructure, Energy"""),
        "answer": _c("""Strongly agree, Agree, Neutral, Disagree, Strongly disagree, Don't know, Very satisfied, Satisfied,
            Dissatisfied, Very dissatisfied, Always, Often, Sometimes, Rarely, Never, Yes, No, Not sure, Better, Worse,
            About the same, Very likely, Somewhat likely, Unlikely, No answer, Undecided, Prefer not to say"""),
        "sport": _c("""Football, Basketball, Tennis, Cricket, Rugby, Swimming, Athletics, Cycling, Volleyball, Hockey, Baseball,
            Golf, Boxing, Judo, Rowing, Sailing, Skiing, Snowboarding, Badminton, Table tennis, Handball, Fencing, Archery,
            Gymnastics, Weightlifting, Wrestling, Triathlon, Surfing, Climbing, Skating"""),
        "transport": _c("""Car, Bus, Train, Tram, Metro, Bicycle, Walking, Motorcycle, Taxi, Ferry, Plane, E-scooter, Carpool, Truck,
            Rail freight, Inland waterways, Pipeline, Air freight, Sea freight"""),
        "language": _c("""Python, JavaScript, Java, C++, C#, Go, Rust, Ruby, PHP, Swift, Kotlin, TypeScript, Scala, R, MATLAB, Julia,
            Perl, Haskell, SQL, Shell, Lua, Dart, Fortran, Elixir, Objective-C"""),
        "material": _c("""Steel, Aluminium, Copper, Brass, Titanium, Glass, Concrete, Wood, Plastic, Paper, Cardboard, Rubber, Cotton,
            Wool, Leather, Ceramics, Carbon fibre, PVC, PET, Nylon, Graphite, Silicon, Zinc, Nickel, Lithium, Cobalt"""),
        "condition": _c("""Control, Treatment A, Treatment B, Placebo, Baseline, Low dose, High dose, Vehicle, Wild type, Knockout,
            Day 0, Day 7, Day 14, Day 28, Week 4, Week 12, Sham, Sample 1, Sample 2, Sample 3, Group A, Group B, Group C, Untreated,
            Heat shock, Cold stress, High salt, Low pH, Dark, Light"""),
        "metric": _c("""Accuracy, Precision, Recall, F1, AUC, BLEU, ROUGE-L, mAP, IoU, Perplexity, Latency, Throughput, Memory, RMSE,
            MAE, R², Sensitivity, Specificity, Top-1, Top-5, WER, CER"""),
        "dataset": _c("""Train, Validation, Test, Dev, Holdout, Task A, Task B, Task C, Math, Code, Reasoning, Vision, Speech, Retrieval,
            Translation, Summarization, Dialogue, Planning, Safety, Science QA, Commonsense, Long context, Multilingual"""),
        "method": _c("""Ours, Baseline, Random, Greedy, Oracle, Linear, Logistic, SVM, k-NN, Random forest, XGBoost, MLP, CNN, LSTM, GRU,
            Transformer, Adam, SGD, RMSProp, Ridge, Lasso, PCA, K-means, Full fine-tuning, LoRA, Zero-shot, Few-shot, Ensemble,
            Dense, Sparse, Hybrid, Pruned, Quantized, Distilled, w/o attention, w/o pretraining, w/ augmentation"""),
        "party": _c("""Labour, Conservatives, Liberals, Greens, Socialists, Centre, Democrats, Republicans, Independents, Reform,
            Social Democrats, Christian Democrats, National Party, People's Party, Workers' Party, Undecided"""),
        "crime": _c(
            """Burglary, Robbery, Fraud, Vandalism, Assault, Car theft, Shoplifting, Drug offences, Arson, Cybercrime"""
        ),
        "size": _c(
            """Small, Medium, Large, Micro, Very large, 1-9 employees, 10-49 employees, 50-249 employees, 250+ employees"""
        ),
        "scenario": _c("""Actual, Budget, Forecast, Plan, Target, Previous year, Last year, This year, Baseline, Optimistic,
            Pessimistic, Best case, Worst case, Observed, Predicted, Estimate, Before, After, Low, Medium, High"""),
        "gender": _c("""Male, Female, Men, Women, Boys, Girls, Total, Both, Overall"""),
        "segment": _c("""Retail, Wholesale, Online, In-store, Enterprise, Small business, Consumer, Government, Domestic, International,
            Urban, Rural, Suburban, Full-time, Part-time, Public, Private, Imports, Exports, New customers, Returning customers,
            Hardware, Services, Licences, Subscriptions, Advertising, Cloud, Devices, Owned, Rented, Employed, Unemployed, Inactive,
            Skilled, Unskilled, Permanent, Temporary, Residential, Commercial, Industrial, Local, Regional, National"""),
    },
    "de": {
        "industry": _c("""Landwirtschaft, Bergbau, Verarbeitendes Gewerbe, Baugewerbe, Handel, Gastgewerbe, Verkehr, Energie,
            Finanzdienstleistungen, Grundstückswesen, Bildung, Gesundheitswesen, Öffentliche Verwaltung, Maschinenbau, Chemie,
            Elektroindustrie, Automobilbau, Textilgewerbe, Nahrungsmittel, Medien, Informationstechnik, Versicherungen"""),
        "department": _c("""Vertrieb, Einkauf, Produktion, Entwicklung, Personal, Buchhaltung, Marketing, Lager, Versand, Geschäftsführung,
            Kundendienst, Qualität, IT, Recht, Controlling, Instandhaltung"""),
        "energy": _c(
            "Braunkohle, Steinkohle, Erdgas, Kernenergie, Wasserkraft, Windkraft, Photovoltaik, Biomasse, Mineralöl, Sonstige"
        ),
        "segment": _c("""Inland, Ausland, Männer, Frauen, Neubau, Bestand, Einfuhr, Ausfuhr, Gesamt, Stadt, Land, Privat, Gewerblich, Plan, Ist,
            Vorjahr, Prognose, Vollzeit, Teilzeit, Neukunden, Stammkunden, Online, Filiale"""),
        "answer": _c(
            "Stimme voll zu, Stimme zu, Teils/teils, Stimme nicht zu, Keine Angabe, Ja, Nein, Weiß nicht, Immer, Oft, Selten, Nie"
        ),
        "expense": _c(
            "Miete, Lebensmittel, Verkehr, Freizeit, Kleidung, Gesundheit, Versicherungen, Bildung, Urlaub, Sparen, Sonstiges"
        ),
    },
    "fr": {
        "industry": _c("""Agriculture, Industrie, Construction, Commerce, Transports, Hébergement et restauration, Information, Finance,
            Immobilier, Enseignement, Santé, Administration publique, Énergie, Chimie, Automobile, Textile, Agroalimentaire, Tourisme"""),
        "department": _c("""Ventes, Achats, Production, Recherche, Ressources humaines, Comptabilité, Marketing, Logistique, Direction,
            Service client, Qualité, Informatique, Juridique"""),
        "energy": _c(
            "Charbon, Pétrole, Gaz naturel, Nucléaire, Hydraulique, Éolien, Solaire, Biomasse, Géothermie, Autres"
        ),
        "segment": _c("""Hommes, Femmes, Ensemble, Importations, Exportations, Public, Privé, Urbain, Rural, Prévu, Réalisé, Budget,
            Année précédente, Temps plein, Temps partiel, Neuf, Occasion, En ligne, En magasin"""),
        "answer": _c(
            "Tout à fait d’accord, D’accord, Neutre, Pas d’accord, Ne sait pas, Oui, Non, Toujours, Souvent, Rarement, Jamais"
        ),
        "expense": _c(
            "Loyer, Alimentation, Transports, Loisirs, Habillement, Santé, Assurances, Éducation, Vacances, Épargne, Divers"
        ),
    },
    "es": {
        "industry": _c("""Agricultura, Industria, Construcción, Comercio, Transporte, Hostelería, Información, Finanzas, Inmobiliario, Educación,
            Sanidad, Administración pública, Energía, Química, Automoción, Textil, Alimentación, Turismo, Minería, Pesca"""),
        "department": _c("""Ventas, Compras, Producción, Investigación, Recursos humanos, Contabilidad, Marketing, Logística, Dirección,
            Atención al cliente, Calidad, Informática, Jurídico"""),
        "energy": _c(
            "Carbón, Petróleo, Gas natural, Nuclear, Hidráulica, Eólica, Solar, Biomasa, Geotérmica, Otras"
        ),
        "segment": _c("""Hombres, Mujeres, Total, Importaciones, Exportaciones, Público, Privado, Urbano, Rural, Previsto, Real, Presupuesto,
            Año anterior, Tiempo completo, Tiempo parcial, Nuevos, Usados, En línea, En tienda"""),
        "answer": _c(
            "Muy de acuerdo, De acuerdo, Neutral, En desacuerdo, No sabe, Sí, No, Siempre, A menudo, Rara vez, Nunca"
        ),
        "expense": _c(
            "Alquiler, Alimentación, Transporte, Ocio, Ropa, Salud, Seguros, Educación, Vacaciones, Ahorro, Otros"
        ),
    },
    "zh": {
        "industry": _c("""农业, 制造业, 建筑业, 批发零售, 交通运输, 住宿餐饮, 信息技术, 金融业, 房地产, 教育, 医疗卫生, 公共管理, 采矿业, 电力,
            汽车, 电子, 化工, 医药, 纺织, 食品饮料, 物流, 旅游, 文化传媒, 半导体, 钢铁, 有色金属, 机械设备, 通信, 航空航天"""),
        "department": _c(
            "销售部, 市场部, 研发部, 人力资源部, 财务部, 生产部, 采购部, 客服部, 行政部, 法务部, 质量部, 信息部, 物流部"
        ),
        "energy": _c("煤炭, 石油, 天然气, 核电, 水电, 风电, 太阳能, 生物质能, 地热, 其他"),
        "segment": _c("""男性, 女性, 合计, 城镇, 农村, 进口, 出口, 线上, 线下, 国内, 国外, 计划, 实际, 预算, 去年同期, 本期, 上期, 新客户, 老客户,
            一线城市, 二线城市, 三线城市, 东部, 中部, 西部, 公立, 民营, 高端, 中端, 低端"""),
        "answer": _c(
            "非常满意, 满意, 一般, 不满意, 非常不满意, 非常同意, 同意, 中立, 不同意, 不清楚, 是, 否, 总是, 经常, 偶尔, 很少, 从不"
        ),
        "expense": _c(
            "房租, 餐饮, 交通, 娱乐, 服装, 医疗, 教育, 旅游, 通讯, 储蓄, 水电费, 日用品, 保险, 其他"
        ),
        "food": _c(
            "苹果, 香蕉, 橙子, 葡萄, 西瓜, 草莓, 大米, 小麦, 玉米, 大豆, 猪肉, 牛肉, 鸡肉, 鸡蛋, 牛奶, 白菜, 土豆, 番茄, 茶叶, 白糖, 食用油"
        ),
        "device": _c(
            "手机, 平板, 笔记本, 台式机, 电视, 冰箱, 洗衣机, 空调, 智能手表, 耳机, 相机, 路由器, 打印机"
        ),
        "channel": _c(
            "搜索引擎, 直接访问, 社交媒体, 短视频, 邮件, 外部链接, 应用商店, 直播, 线下门店, 朋友推荐"
        ),
        "education": _c("小学, 初中, 高中, 中专, 大专, 本科, 硕士, 博士"),
    },
}
ZH_SURNAME = tuple("王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕")
ZH_GIVEN = tuple("伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红建文斌宇浩轩然博思雨晨欣怡佳嘉子涵")
ZH_BRAND = tuple("华中新金天海东方龙宏远达瑞通科创信联泰安恒盛丰润康美佳乐优品星云智能源腾飞博雅诚德")
ZH_COMPANY = _c("科技, 集团, 股份, 实业, 电子, 医药, 能源, 银行, 保险, 汽车, 食品, 物流, 传媒, 网络, 重工")

STATEMENT_SUBJECT = _c("""My manager, The company, Public transport, The government, Our team, The website, Customer service, My doctor,
    The school, Social media, The local council, Remote work, The new policy, Online shopping, My neighbourhood, The product""")
STATEMENT_VERB = _c("""is easy to use, listens to feedback, offers good value for money, has improved over the last year, is reliable,
    treats everyone fairly, helps me do my job, is too expensive, makes me feel safe, should be reformed, is better than expected,
    provides clear information, meets my needs, takes too much time, could be trusted with personal data""")

MONTHS = {
    "en": _w("January February March April May June July August September October November December"),
    "de": _w("Januar Februar März April Mai Juni Juli August September Oktober November Dezember"),
    "fr": _w("janvier février mars avril mai juin juillet août septembre octobre novembre décembre"),
    "es": _w("enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"),
    "zh": tuple(f"{n}月" for n in range(1, 13)),
}
MONTHS_SHORT = {
    "en": _w("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"),
    "de": _w("Jan Feb Mär Apr Mai Jun Jul Aug Sep Okt Nov Dez"),
    "fr": _w("janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc."),
    "es": _w("ene feb mar abr may jun jul ago sep oct nov dic"),
    "zh": tuple(f"{n}月" for n in range(1, 13)),
}
WEEKDAYS = {
    "en": _w("Monday Tuesday Wednesday Thursday Friday Saturday Sunday"),
    "de": _w("Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag"),
    "fr": _w("lundi mardi mercredi jeudi vendredi samedi dimanche"),
    "es": _w("lunes martes miércoles jueves viernes sábado domingo"),
    "zh": _w("周一 周二 周三 周四 周五 周六 周日"),
}
OTHER = {"en": "Other", "de": "Sonstige", "fr": "Autres", "es": "Otros", "zh": "其他"}
