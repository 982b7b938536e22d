// Loaded before a test file by the fuzz task: property tests that do not fix their own number of cases get many.
import fc from 'fast-check';
import process from 'node:process';

fc.configureGlobal({
  ...fc.readConfigureGlobal(),
  numRuns: Number(process.env['GANTRY_FUZZ_RUNS']),
  seed: Number(process.env['GANTRY_FUZZ_SEED']),
});
