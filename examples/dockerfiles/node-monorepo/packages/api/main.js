require('node:http').createServer((_, response) => response.end(`${require('greeting').greet('api')}\n`)).listen(3000);
