"""Two text pages with a blank page between them, drawn with reportlab in Times."""

from reportlab.lib.pagesizes import letter
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Spacer

BODY = ParagraphStyle("body", fontName="Times-Roman", fontSize=11.5, leading=15.5, spaceAfter=8)
HEAD = ParagraphStyle("head", parent=BODY, fontName="Times-Bold", fontSize=17, leading=22, spaceAfter=12)

FIRST = ("Instructions for the night watch", [
    "The watch begins at ten in the evening and ends at six in the morning. Whoever takes over signs the book at the gate and counts the keys in the presence of the person who leaves. A missing key is reported at once and not at the end of the shift.",
    "Rounds are made every two hours and never at the same minute. Each round includes the boiler house, the paint store and the landing stage. In frost the pump beside the dry dock is started for five minutes on every round, so that the pipe does not freeze.",
    "Visitors are not admitted after eleven. Drivers who arrive early may park on the strip along the fence, but the engine must be switched off and the gate stays closed until five.",
])
SECOND = ("What to do in case of fire", [
    "Break the glass of the nearest alarm and telephone the fire brigade, even if the alarm seems to have been answered. State the name of the yard, the building and what is burning. Do not try to save boats.",
    "Open both wings of the east gate and switch on the floodlights. The fire engines come from the harbour road and need the full width. The hydrant plan hangs in the gatehouse behind the door, and a copy is kept in the glove compartment of the yard van.",
    "After the brigade has left, nobody enters the building until the yard manager has given permission in writing.",
])


def make(path: str) -> None:
    document = SimpleDocTemplate(path, pagesize=letter, leftMargin=80, rightMargin=80, topMargin=90, bottomMargin=80, title="Night watch", invariant=1)
    story = []
    for title, paragraphs in (FIRST, SECOND):
        story += [Paragraph(title, HEAD), *(Paragraph(p, BODY) for p in paragraphs)]
        if title == FIRST[0]:
            story += [PageBreak(), Spacer(1, 1), PageBreak()]
    document.build(story)
