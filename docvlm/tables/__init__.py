"""What lies between a table region and its cells: grids from rulings and white space."""
