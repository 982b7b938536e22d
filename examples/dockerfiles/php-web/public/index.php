<?php
echo 'php ', PHP_MAJOR_VERSION, ' ', htmlspecialchars($_GET['q'] ?? ''), "\n";
