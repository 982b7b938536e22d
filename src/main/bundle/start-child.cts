// Runs a program that works on foreign files from its script, with what V8 compiled of it. Both were written by root.
const { readFileSync } = process.getBuiltinModule('node:fs');
const vm = process.getBuiltinModule('node:vm');

// What is left is the program's own: its order.
const [filename] = process.argv.splice(2, 1) as [string];
const script = new vm.Script(readFileSync(filename, 'latin1'), { filename, cachedData: readFileSync(`${filename}.cache`) });
script.runInThisContext()(require);
