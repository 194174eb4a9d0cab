"""What lies on a page's text: links, fields of forms, marks and comments, and what is drawn for the like: check boxes, and
lines through and under words.
"""
