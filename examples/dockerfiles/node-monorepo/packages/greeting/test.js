require('node:assert').equal(require('greeting').greet('a'), 'greetings from a');
