"""Invoice drawn with reportlab: address blocks side by side, a table with totals, terms."""

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

BODY = ParagraphStyle("body", fontName="Helvetica", fontSize=9.5, leading=13)
HEAD = ParagraphStyle("head", parent=BODY, fontName="Helvetica-Bold", fontSize=22, leading=26, textColor=colors.HexColor("#7a2d12"))
SUB = ParagraphStyle("sub", parent=BODY, fontName="Helvetica-Bold", fontSize=12, leading=16, spaceBefore=8, spaceAfter=4)

LINES = [
    ("Pos.", "Description", "Quantity", "Unit price", "Amount"),
    ("1", "Oak worktop, oiled, 2400 x 650 x 40 mm", "2", "385.00", "770.00"),
    ("2", "Cut-out for sink with water seal", "1", "62.50", "62.50"),
    ("3", "Wall shelf, ash, with hidden brackets", "6", "48.90", "293.40"),
    ("4", "Delivery to second floor without lift", "1", "95.00", "95.00"),
    ("5", "Fitting, two joiners, per hour", "7.5", "88.00", "660.00"),
    ("6", "Disposal of old worktop", "1", "40.00", "40.00"),
    ("", "Subtotal", "", "", "1,920.90"),
    ("", "Discount for regular customers, 3%", "", "", "-57.63"),
    ("", "Value added tax, 19%", "", "", "354.02"),
    ("", "Total due in EUR", "", "", "2,217.29"),
]


def footer(canvas, document) -> None:
    canvas.setFont("Helvetica", 7.5)
    canvas.setFillColor(colors.grey)
    canvas.drawCentredString(A4[0] / 2, 12 * mm, "Brandt & Sohn Joinery Ltd. | Registered in Lindau, HRB 40217 | VAT ID DE 811 204 553")


def make(path: str) -> None:
    document = SimpleDocTemplate(path, pagesize=A4, leftMargin=22 * mm, rightMargin=22 * mm, topMargin=20 * mm,
                                 bottomMargin=24 * mm, title="Invoice 2025-0418", author="Brandt & Sohn", invariant=1)
    to = Paragraph("<b>Bill to</b><br/>Clara Whitfield<br/>Hafenstrasse 12<br/>88131 Lindau<br/>Germany", BODY)
    facts = Table([["Invoice number", "2025-0418"], ["Invoice date", "14 May 2025"], ["Customer number", "K-20931"], ["Due date", "13 June 2025"]],
                  colWidths=[36 * mm, 34 * mm], style=[("FONT", (0, 0), (-1, -1), "Helvetica", 9.5), ("FONT", (0, 0), (0, -1), "Helvetica-Bold", 9.5),
                                                       ("TOPPADDING", (0, 0), (-1, -1), 1), ("BOTTOMPADDING", (0, 0), (-1, -1), 2)])
    items = Table(LINES, colWidths=[12 * mm, 84 * mm, 20 * mm, 25 * mm, 25 * mm], repeatRows=1)
    items.setStyle(TableStyle([
        ("FONT", (0, 0), (-1, -1), "Helvetica", 9.5), ("FONT", (0, 0), (-1, 0), "Helvetica-Bold", 9.5), ("FONT", (0, -1), (-1, -1), "Helvetica-Bold", 9.5),
        ("BACKGROUND", (0, 0), (-1, 0), colors.HexColor("#f3e3da")), ("LINEBELOW", (0, 0), (-1, -1), 0.4, colors.grey), ("LINEABOVE", (0, -4), (-1, -4), 1, colors.black),
        ("ALIGN", (2, 0), (-1, -1), "RIGHT"), ("TOPPADDING", (0, 0), (-1, -1), 4), ("BOTTOMPADDING", (0, 0), (-1, -1), 5)]))
    document.build([
        Paragraph("Invoice", HEAD), Spacer(1, 5 * mm),
        Paragraph("Brandt &amp; Sohn Joinery Ltd., Werftweg 3, 88131 Lindau", BODY), Spacer(1, 6 * mm),
        Table([[to, facts]], colWidths=[92 * mm, 74 * mm], style=[("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 0)]),
        Spacer(1, 7 * mm),
        Paragraph("Dear Ms Whitfield, thank you for your order of 22 April. We have carried out the work in your kitchen on 12 and 13 May and charge as agreed:", BODY),
        Spacer(1, 4 * mm), items, Spacer(1, 4 * mm),
        Paragraph("Payment", SUB),
        Paragraph("Please pay within thirty days to the account of Lakeside Savings Bank, IBAN DE00 1234 5678 9012 3456 00, quoting the invoice number. "
                  "If you pay within ten days you may deduct two per cent from the total.", BODY),
        Paragraph("Warranty", SUB),
        Paragraph("Worktops are covered for five years against cracks and warping, provided that they are oiled once a year. "
                  "Marks caused by standing water or by hot pans are not covered. The goods remain our property until they have been paid for in full.", BODY),
    ], onFirstPage=footer, onLaterPages=footer)
