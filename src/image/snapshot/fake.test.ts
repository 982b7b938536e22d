import { hasher, testSnapshots } from './contract.ts';
import { FakeSnapshots } from './fake.ts';

testSnapshots('fake', async () => new FakeSnapshots(hasher));
