console.log(require('greeting').greet('worker'));
