{% include x %}{% include [x, 'y.sql'] ignore missing %}{% include [[['z']]] %}
