import { createHash } from 'node:crypto';
import { testBlobStore } from './contract.ts';
import { MemoryBlobs } from './memory.ts';

testBlobStore('memory', async () => new MemoryBlobs({ sha256: (bytes) => createHash('sha256').update(bytes).digest('hex') }));
