# A chart as a picture: grouped bars by gnuplot.
set terminal pngcairo size 820,520 font "DejaVu Sans,12"
set output "chart.png"
set title "Rainfall by season"
set ylabel "Rain (mm)"
set style data histograms
set style histogram clustered gap 1
set style fill solid 0.85 border -1
set yrange [0:400]
set grid ytics
set key top left
$rain << EOD
season Coast Valley Hills
Spring 180 120 240
Summer 95 60 150
Autumn 260 170 320
Winter 310 205 355
EOD
plot $rain using 2:xtic(1) title columnheader lc rgb "#2c6fbb", '' using 3 title columnheader lc rgb "#e08a1e", \
  '' using 4 title columnheader lc rgb "#3f9b5f"
