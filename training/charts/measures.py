# ruff: noqa: E501
"""What charts measure: names, units and magnitudes, in five languages.

One line per measure: names (one is drawn) ; unit ; lowest and highest usual magnitude ; the places it is told by;
flags. Places: t time, g geography, o organizations and products, w words of a list, p people, s survey answers,
x experiments and machine learning. Units: money, percent, count, or the unit's own sign. Flags: - negatives occur,
% parts of a whole, 0 bounded to 100, i integers.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measure:
    """``low`` and ``high`` bound the size of a chart's typical value."""

    names: tuple[str, ...]
    unit: str
    low: float
    high: float
    places: str
    words: tuple[str, ...]  # lists of ``words.LISTS`` for place "w"
    flags: str


def _table(text: str) -> tuple[Measure, ...]:
    found = []
    for line in text.strip().splitlines():
        names, unit, size, places, flags = (part.strip() for part in line.split(";"))
        low, high = size.split("..")
        letters, _, lists = places.partition(":")
        found.append(
            Measure(
                tuple(n.strip() for n in names.split("|")),
                unit,
                float(low),
                float(high),
                letters,
                tuple(lists.split()),
                flags,
            )
        )
    return tuple(found)


MEASURES: dict[str, tuple[Measure, ...]] = {
    "en": _table("""
Revenue|Net sales|Total revenue|Turnover|Sales; money; 1e3..8e10; tgow:segment industry channel;
Net profit|Operating income|EBIT|Profit after tax|Net income; money; 1e3..9e9; tgow:segment; -
Gross domestic product|GDP|Nominal GDP; money; 1e9..2e13; tg;
GDP per capita|Income per capita|Median household income; money; 800..120000; tg;
GDP growth|Real growth|Annual change|Year-on-year growth|Growth rate; percent; 0.5..9; tgw:industry; -
Inflation|Consumer price inflation|CPI, annual change|Price change; percent; 0.5..15; tgw:food expense; -
Unemployment rate|Youth unemployment|Jobless rate|Underemployment; percent; 2..25; tgw:education; 0
Exports|Imports|Merchandise trade|Trade volume|Goods exported; money; 1e6..3e12; tgw:industry material food;
Trade balance|Current account balance|Budget balance|Net lending; money; 1e6..5e11; tg; -
Government debt|Public debt|Debt-to-GDP ratio; percent; 20..220; tg;
Foreign direct investment|Capital expenditure|R&D expenditure|Investment; money; 1e5..4e11; tgow:industry energy;
Minimum wage|Average hourly wage|Hourly earnings; money; 2..60; tgw:industry job;
Average salary|Median earnings|Annual pay|Monthly rent; money; 500..150000; tgw:job industry education department;
House price index|Consumer confidence|Index of production|Business climate; index; 60..180; tg;
Share price|Stock price|Closing price|Price per share; money; 1..900; to;
Exchange rate|Price of gold|Oil price|Spot price; money; 0.5..2500; t;
Interest rate|Policy rate|10-year yield|Mortgage rate; percent; 0.1..9; tg; -
Household spending|Monthly budget|Expenditure|Costs|Operating expenses; money; 50..9e8; tw:expense budget; %
Population|Inhabitants|Resident population; count; 1e4..1.4e9; tg; i
Population growth|Net migration rate|Natural increase; percent; 0.2..4; tg; -
Births|Deaths|Marriages|Divorces|Immigrants|Asylum applications; count; 100..2e6; tg; i
Life expectancy|Median age|Age at first marriage; years; 25..84; tg;
Fertility rate|Children per woman|Household size; ; 1.2..6; tg;
Birth rate|Death rate|Infant mortality rate; per 1,000; 3..60; tg;
Population density; per km²; 3..8000; g;
Urban population|Urbanization rate|Literacy rate|School enrolment|Access to electricity|Internet users; percent; 20..99; tg; 0
New cases|Hospital admissions|Confirmed cases|Vaccinations|Patients; count; 20..3e6; tgw:disease; i
Incidence|Mortality rate|Prevalence|Cases per 100,000; per 100,000; 2..900; tgw:disease;
Vaccination coverage|Smoking rate|Obesity rate|Share of adults|Prevalence; percent; 5..95; tgw:disease education; 0
Physicians per 1,000 people|Hospital beds per 1,000|Nurses per 1,000; ; 0.5..14; tg;
Health expenditure|Spending per pupil|Health spending per person; money; 50..12000; tg;
Waiting time|Response time|Length of stay|Average delay; minutes; 3..240; tgw:department transport;
Blood pressure|Systolic pressure; mmHg; 70..180; tx;
Heart rate|Resting pulse; bpm; 50..190; tpx; i
Body weight|Weight; kg; 2..120; tpx;
Height; cm; 40..200; tpx;
Calories|Energy intake|Dietary energy; kcal; 50..3500; tw:food sport;
Sugar content|Protein content|Fat|Carbohydrates|Dietary fibre; g; 0.5..80; w:food;
Medals|Gold medals|Goals|Wins|Points|Assists|Home runs; count; 2..120; tgopw:sport; i
Points per game|Goals per match|Batting average|Average speed; ; 0.5..40; topw:sport;
Attendance|Spectators|Ticket sales|Visitors; count; 200..90000; tgow:sport; i
Participants|Members|Registered players|Enrolment; count; 30..600000; tgow:sport education department; i
World record|Race time|Lap time; s; 9..300; tp;
Electricity generation|Power generation|Energy production|Electricity consumption; TWh; 0.5..9000; tgw:energy;
Installed capacity|Peak demand|Solar capacity|Wind capacity; GW; 0.3..1200; tgw:energy;
Energy use per capita; kWh; 200..18000; tg;
Share of renewables|Share of electricity|Capacity factor|Load factor; percent; 3..95; tgw:energy; 0
CO2 emissions|CO₂ emissions|Greenhouse gas emissions; Mt; 1..12000; tgw:industry energy transport;
Emissions per capita; t; 0.2..35; tg;
Electricity price|Levelised cost; ct/kWh; 3..45; tgw:energy;
Fuel consumption; l/100 km; 3..18; tow:transport;
Temperature|Mean temperature|Average high|Surface temperature; °C; 4..38; tgx; -
Temperature anomaly|Deviation from mean; °C; 0.2..1.8; t; -
Precipitation|Rainfall|Monthly rainfall|Snowfall; mm; 8..320; tg;
Sea level|Water level|Depth; m; 0.3..12; tx; -
Wind speed; m/s; 1..28; tgx;
Humidity|Relative humidity|Soil moisture; percent; 20..95; tgx; 0
PM2.5|PM10|Ozone|NO2 concentration; µg/m³; 4..180; tg;
Forest area|Cultivated area|Protected area|Burned area; km²; 50..9e6; tgw:animal;
Crop yield|Yield; t/ha; 0.5..12; tgw:food;
Production|Output|Harvest|Catch; t; 300..9e8; tgow:food material;
Waste generated|Recycled waste; kg; 40..800; tgw:material;
Recycling rate; percent; 4..90; tgw:material; 0
Water use|Water withdrawal; m³; 10..5e6; tgw:industry food;
Sightings|Species count|Number of animals|Nests; count; 3..9000; tgw:animal; i
Passengers|Trips|Ridership|Commuters; count; 500..9e7; tgow:transport; i
Distance travelled|Mileage|Range; km; 5..15000; tow:transport;
Modal share|Share of trips|Mode of transport; percent; 3..60; tgw:transport; %
Road deaths|Accidents|Injuries|Offences|Reported crimes; count; 5..40000; tgw:crime transport; i
Vehicles sold|New registrations|Units sold|Shipments|Orders; count; 20..9e7; tgow:segment device; i
Market share|Share of sales|Share of total|Shipments share; percent; 3..55; tgow:segment device industry; %
Users|Monthly active users|Subscribers|Downloads|Followers; count; 100..3e9; togw:device channel; i
Page views|Visits|Sessions|Unique visitors|Clicks|Impressions; count; 80..6e7; tw:channel device; i
Traffic|Traffic sources|Sessions by channel; percent; 2..60; w:channel device; %
Bounce rate|Conversion rate|Click-through rate|Open rate|Retention; percent; 0.5..75; tow:channel device; 0
Session duration|Time on page|Average handling time; s; 8..700; tw:channel device;
Cost per click|Customer acquisition cost|Revenue per user|Average order value; money; 0.2..400; tow:channel;
Employees|Headcount|Number of staff|Vacancies|New hires; count; 4..300000; tgow:department industry job; i
Turnover rate|Absenteeism|Attrition rate|Share of women|Overtime share; percent; 1..60; tow:department industry job; 0
Customer satisfaction|Net promoter score|Engagement score; score; 15..95; tow:department segment; 0
Average rating|Mean score|Satisfaction (1-5); ; 1.5..4.9; topsw:department;
Tickets resolved|Calls answered|Complaints|Defects|Incidents; count; 3..8000; tow:department; i
Share of respondents|Respondents|Percentage of answers|Survey results; percent; 3..60; sw:answer; %
Agreement|Support|Approval|Trust in institutions; percent; 10..90; tgsw:party answer; 0
Votes|Vote share|Poll results|Voting intention; percent; 2..48; tw:party; %
Seats|Seats in parliament; count; 4..320; tw:party; i
Number of responses|Answers|Frequency|Count; count; 2..2500; sw:answer; i
Test score|Exam results|Average grade|Math score; points; 20..600; tgpw:education;
Graduates|Students|Pupils|Teachers; count; 40..900000; tgw:education industry; i
Hours worked|Study time|Screen time|Hours per week; hours; 0.5..48; tgpw:job device;
Budget|Spending|Grant funding|Donations|Funding; money; 1e3..8e11; tgow:budget department; %
Accuracy|Test accuracy|F1 score|Success rate|Recall|Top-1 accuracy; percent; 25..99; xw:method dataset metric; 0
Loss|Training loss|Validation loss|Error rate; ; 0.01..6; x;
Throughput|Requests per second|Tokens per second; count; 10..90000; xw:method;
Latency|Inference time|Runtime|Execution time; ms; 0.3..4000; xw:method language;
Memory usage|Model size|Disk usage; MB; 5..90000; xw:method language;
Speedup|Relative performance; x; 1.1..40; xw:method language;
BLEU|ROUGE-L|Score|Benchmark score; ; 8..75; xw:method dataset;
Perplexity|RMSE|Mean absolute error; ; 0.05..60; xw:method;
Concentration|Glucose|Protein level|Serum level; mg/L; 0.2..400; xw:condition;
Expression level|Relative expression|Fold change|Activity; a.u.; 0.2..12; xw:condition;
Absorbance|Optical density|Fluorescence; a.u.; 0.05..3; xw:condition;
Cell viability|Survival|Inhibition|Efficiency; percent; 10..100; xw:condition; 0
Voltage|Potential; V; 0.1..400; x; -
Current; mA; 0.1..900; x;
Pressure; kPa; 5..900; x;
Velocity|Speed; m/s; 0.2..60; x; -
Force|Load; N; 1..5000; xw:material;
Tensile strength|Stress|Hardness; MPa; 5..1800; xw:material;
Thermal conductivity; W/(m·K); 0.05..400; w:material;
Density; g/cm³; 0.4..20; w:material;
Signal|Intensity|Amplitude|Power; dB; 1..90; x; -
Residual|Error|Bias|Difference from control; ; 0.05..8; xw:condition method; -
Popularity|Developers using it|Share of repositories; percent; 2..65; tw:language; 0
Salary by language|Rate per hour; money; 20..160000; w:language job;
Calls|Messages sent|Posts|Emails; count; 10..90000; tpw:channel department; i
"""),
    "de": _table("""
Umsatz|Nettoumsatz|Erlöse; money; 1e3..8e10; tgow:segment industry;
Gewinn|Betriebsergebnis|Jahresüberschuss; money; 1e3..8e9; tgow:segment; -
Bevölkerung|Einwohner; count; 1e4..8e7; tg; i
Arbeitslosenquote|Erwerbslosenquote; percent; 2..15; tg; 0
Wachstum|Veränderung zum Vorjahr|Inflationsrate; percent; 0.5..9; tgw:industry; -
Stromerzeugung|Stromverbrauch; TWh; 1..700; tgw:energy;
Anteil am Strommix|Anteil|Anteil der Befragten; percent; 2..60; tw:energy answer segment; %
Preis|Durchschnittspreis|Miete je Quadratmeter; money; 1..900; tg;
Beschäftigte|Mitarbeiter|Erwerbstätige; count; 10..4e6; tgow:industry department; i
Ausgaben|Kosten|Haushaltsausgaben; money; 50..9e9; tw:expense; %
Temperatur|Mittlere Temperatur; °C; 3..28; tg; -
Niederschlag; mm; 10..200; tg;
Treibhausgasemissionen|CO2-Ausstoß; Mio. t; 1..900; tgw:industry energy;
Zulassungen|Verkaufte Fahrzeuge|Stückzahl; count; 100..4e6; tgow:segment; i
Übernachtungen|Besucher|Fahrgäste; count; 1000..9e7; tg; i
Nutzer|Abonnenten|Besuche; count; 100..5e7; to; i
Lebenserwartung; Jahre; 60..86; tg;
Investitionen|Ausfuhren|Einfuhren; money; 1e6..9e11; tgw:industry;
Zufriedenheit|Zustimmung; percent; 10..90; tgsw:answer; 0
Zahl der Unternehmen|Anmeldungen|Fälle; count; 20..90000; tgw:industry; i
"""),
    "fr": _table("""
Chiffre d’affaires|Ventes|Recettes; money; 1e3..8e10; tgow:segment industry;
Résultat net|Bénéfice; money; 1e3..8e9; tgow:segment; -
Population|Habitants; count; 1e4..7e7; tg; i
Taux de chômage|Taux d’emploi; percent; 3..25; tg; 0
Croissance|Inflation|Évolution annuelle; percent; 0.5..9; tgw:industry; -
Production d’électricité|Consommation; TWh; 1..600; tgw:energy;
Part|Part des répondants|Répartition; percent; 2..60; tw:energy answer segment; %
Prix moyen|Loyer; money; 1..2000; tg;
Effectifs|Salariés|Emplois; count; 10..4e6; tgow:industry department; i
Dépenses|Coûts|Budget des ménages; money; 50..9e9; tw:expense; %
Température moyenne; °C; 3..30; tg; -
Précipitations; mm; 10..200; tg;
Émissions de CO2; Mt; 1..500; tgw:industry energy;
Nuitées|Visiteurs|Voyageurs; count; 1000..9e7; tg; i
Espérance de vie; ans; 60..86; tg;
Exportations|Importations|Investissements; money; 1e6..9e11; tgw:industry;
Satisfaction|Opinions favorables; percent; 10..90; tgsw:answer; 0
Nombre d’entreprises|Inscriptions|Cas; count; 20..90000; tgw:industry; i
"""),
    "es": _table("""
Ingresos|Ventas|Facturación; money; 1e3..8e10; tgow:segment industry;
Beneficio neto|Resultado; money; 1e3..8e9; tgow:segment; -
Población|Habitantes; count; 1e4..1.2e8; tg; i
Tasa de paro|Tasa de desempleo; percent; 3..30; tg; 0
Crecimiento|Inflación|Variación anual; percent; 0.5..12; tgw:industry; -
Generación eléctrica|Consumo de electricidad; TWh; 1..300; tgw:energy;
Porcentaje|Proporción de encuestados|Cuota de mercado; percent; 2..60; tw:energy answer segment; %
Precio medio|Alquiler; money; 1..2000; tg;
Empleados|Ocupados|Plantilla; count; 10..4e6; tgow:industry department; i
Gastos|Costes|Presupuesto; money; 50..9e9; tw:expense; %
Temperatura media; °C; 5..34; tg; -
Precipitación; mm; 5..250; tg;
Emisiones de CO2; Mt; 1..500; tgw:industry energy;
Turistas|Visitantes|Pasajeros; count; 1000..9e7; tg; i
Esperanza de vida; años; 60..86; tg;
Exportaciones|Importaciones|Inversión; money; 1e6..9e11; tgw:industry;
Satisfacción|Aprobación; percent; 10..90; tgsw:answer; 0
Número de empresas|Matrículas|Casos; count; 20..90000; tgw:industry; i
"""),
    "zh": _table("""
营业收入|销售额|总收入|营收; money; 1e5..8e11; tgow:segment industry channel;
净利润|营业利润|利润总额; money; 1e5..9e10; tgow:segment; -
国内生产总值|GDP|地区生产总值; money; 1e10..1e14; tg;
同比增长|增长率|增速|涨跌幅; percent; 0.5..20; tgw:industry; -
人口|常住人口|户籍人口; count; 1e5..1.4e9; tg; i
失业率|城镇化率|普及率|渗透率; percent; 2..95; tg; 0
人均可支配收入|平均工资|月薪; money; 2000..150000; tgw:industry education;
房价|平均价格|零售价格; money; 5..90000; tgw:food device;
市场份额|占比|比例|构成; percent; 2..55; tgow:segment device industry energy; %
发电量|用电量; 亿千瓦时; 2..9000; tgw:energy;
装机容量; GW; 1..900; tgw:energy;
销量|出货量|产量; count; 1e3..5e8; tgow:device segment food; i
用户数|活跃用户|下载量; count; 1e3..1e9; to; i
访问量|点击量|订单数; count; 100..6e7; tw:channel device; i
转化率|点击率|留存率; percent; 0.5..60; tow:channel; 0
员工人数|招聘人数|就业人数; count; 5..500000; tgow:department industry; i
满意度|支持率|合格率; percent; 30..99; tow:department answer; 0
受访者比例|问卷结果|选择比例; percent; 2..60; sw:answer; %
家庭支出|费用|预算执行; money; 200..9e8; tw:expense; %
气温|平均气温; ℃; 3..36; tg; -
降水量; 毫米; 5..300; tg;
确诊病例|就诊人次|门诊量; count; 20..900000; tg; i
进口额|出口额|投资额; money; 1e7..3e13; tgw:industry food;
碳排放量; 万吨; 10..90000; tgw:industry energy;
准确率|召回率; percent; 30..99; x; 0
平均分|得分|评分; 分; 3..150; tpw:education;
游客人数|客流量; count; 1e3..5e8; tg; i
"""),
}
