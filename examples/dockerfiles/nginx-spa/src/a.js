const a = 'a';
