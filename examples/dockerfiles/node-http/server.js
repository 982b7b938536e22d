const { createServer } = require('node:http');

const { version } = require('./package.json');

createServer((request, response) => response.end(`node ${version} ${process.env.NODE_ENV}\n`)).listen(Number(process.env.PORT));
process.on('SIGTERM', () => process.exit(0));
