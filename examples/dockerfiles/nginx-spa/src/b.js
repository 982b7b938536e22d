document.title = a;
