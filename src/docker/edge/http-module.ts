/**
 * node:http without its fetch half. An `import` of a built-in reads all of its exports, and those of node:http include
 * WebSocket, whose getter loads undici: 15 MB in a daemon that never uses it.
 */
export const { createServer, ServerResponse } = process.getBuiltinModule('node:http');
