"""The tables of the LibreOffice documents, as HTML with column widths and alignment."""

FINANCIAL_HEAD = [
    [("Segment", 2, 1), ("Revenue", 1, 3), ("Operating result", 1, 3), ("Capital expenditure", 1, 2), ("Employees", 2, 1)],
    [(t, 1, 1) for t in ("2025", "2024", "2023", "2025", "2024", "2023", "2025", "2024")],
]
FINANCIAL = """\
Offshore Services|512,408|448,917|431,256|61,330|48,204|39,871|(88,412)|(52,090)|2,114
Port Logistics|388,251|401,772|396,018|(4,117)|18,962|22,405|(31,700)|(29,845)|3,870
Ship Repair|204,966|189,340|172,883|12,508|9,731|(2,640)|(14,226)|(11,302)|1,236
Towage and Salvage|161,090|155,408|149,977|27,411|24,150|21,936|(19,008)|(22,571)|618
Crew Training|42,637|39,115|33,204|3,902|3,455|1,118|(2,340)|(1,966)|241
Property|25,260|24,880|24,102|14,075|13,960|13,212|(640)|(1,108)|37
Group functions|–|–|–|(22,846)|(20,318)|(19,407)|(3,915)|(2,877)|184
Eliminations|–|(7,432)|(11,560)|–|–|–|–|–|–
Total|1,334,612|1,252,000|1,195,880|92,263|98,144|76,495|(170,241)|(121,759)|8,300
Net finance costs||||(21,904)|(19,377)|(18,050)|||
Income tax||||(16,886)|(18,373)|(13,619)|||
Profit for the year||||53,473|60,394|44,826|||"""

CROSSINGS = """\
Day|Leaves Aldmouth|Arrives East Skerry|Leaves East Skerry|Fare
Monday|09:15|10:05|15:30|€18.50
Wednesday|09:15|10:05|15:30|€18.50
Friday|08:40|09:30|16:10|€18.50
Saturday|08:40|09:30|17:00|€22.00
Sunday|10:00|10:50|17:00|€22.00"""

BIRDS = """\
Species|Island|Pairs|Change
Puffin|East and West|3,412|+12%
Guillemot|West cliffs|8,906|+3%
Razorbill|West cliffs|1,127|–4%
Arctic tern|North beach|268|–31%
Eider|East, near the pond|95|+8%
Storm petrel|Ruined chapel|41|not known"""


def rows(text: str) -> list[list[str]]:
    return [line.split("|") for line in text.splitlines()]


def financial() -> str:
    out = ["<thead>"]
    for line in FINANCIAL_HEAD:
        out.append("<tr>" + "".join(
            f'<th rowspan="{r}" colspan="{c}" align="{"left" if t == "Segment" else "center"}"><b>{t}</b></th>' for t, r, c in line) + "</tr>")
    out.append("</thead><tbody>")
    for row in rows(FINANCIAL):
        bold = ("<b>", "</b>") if row[0] in ("Total", "Profit for the year") else ("", "")
        out.append("<tr>" + "".join(
            f'<td align="{"right" if i else "left"}">{bold[0]}{t}{bold[1]}</td>' for i, t in enumerate(row)) + "</tr>")
    return "\n".join([*out, "</tbody>"])


def plain(text: str, numeric: tuple[int, ...]) -> str:
    out = ['<table border="0" cellpadding="3" cellspacing="0" width="100%">']
    for n, row in enumerate(rows(text)):
        tag = "td" if n else "th"
        out.append("<tr>" + "".join(
            f'<{tag} align="{"right" if i in numeric else "left"}">{t}</{tag}>' for i, t in enumerate(row)) + "</tr>")
    return "\n".join([*out, "</table>", "<p><br></p>"])
