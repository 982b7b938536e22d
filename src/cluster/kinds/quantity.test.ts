import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { debianSources, GO_SOURCES } from '../../../tools/test-run/debian-sources.ts';
import { addQuantities, canonicalQuantity, compareQuantities, formatQuantity, milliValue, parseQuantity, subtractQuantities, wholeValue, type QuantityFormat } from './quantity.ts';

const sources = debianSources(join(import.meta.dirname, '../../..'), 'golang-k8s-apimachinery-dev');
const code = sources.missing === false ? readFileSync(join(sources.path, GO_SOURCES, 'k8s.io/apimachinery/pkg/api/resource/quantity_test.go'), 'utf8') : '';
const FORMATS: Readonly<Record<string, QuantityFormat>> = { DecimalSI: 'decimal', BinarySI: 'binary', DecimalExponent: 'exponent' };
const between = (start: string, end: string): string => code.slice(code.indexOf(start), code.indexOf(end, code.indexOf(start)));

describe("upstream's own tables", { skip: sources.missing }, () => {
  const parsed = [...between('func TestQuantityParse(', 'invalid := ').matchAll(/\{"([^"]*)", decQuantity\(([\d*]+), (-?\d+), (\w+)\)\}/g)];
  test('have rows', () => assert.ok(parsed.length > 80));
  for (const [, text, product, power, format] of parsed) {
    test(`${text} is ${product} times ten to ${power}, ${format}`, () => {
      const digits = product!.split('*').map(BigInt).reduce((left, right) => left * right);
      const nano = digits * 10n ** BigInt(Number(power) + 9);
      for (const [sign, factor] of [['', 1n], ['+', 1n], ['-', -1n]] as const) assert.deepEqual(parseQuantity(sign + text), { nano: nano * factor, format: FORMATS[format!] });
    });
  }

  const wrong = [...between('invalid := []string', '}\n\tfor').matchAll(/"([^"]*)",/g)];
  for (const [, text] of wrong) test(`${JSON.stringify(text)} is refused`, () => assert.throws(() => parseQuantity(text!), { kind: 'invalid' }));

  const emitted = [...between('func TestQuantityParseEmit(', 'for _, item').matchAll(/\{"([^"]*)", "([^"]*)"\}/g)];
  const shown = [...between('func TestQuantityString(', 'for _, item').matchAll(/\{decQuantity\(([\d*]+), (-?\d+), (\w+)\), "([^"]*)"/g)].filter(([, , power]) => Number(power) >= -9);
  for (const [, product, power, format, expected] of shown) {
    test(`${product} times ten to ${power}, ${format}, is written ${expected}`, () => {
      const nano = product!.split('*').map(BigInt).reduce((left, right) => left * right) * 10n ** BigInt(Number(power) + 9);
      assert.equal(formatQuantity({ nano, format: FORMATS[format!]! }), expected);
    });
  }
  test('have rows of texts', () => assert.ok(emitted.length >= 9 && shown.length > 30 && wrong.length > 8));
  for (const [, text, expected] of emitted) test(`${text} is written ${expected}`, () => assert.equal(canonicalQuantity(text!), expected));
});

for (const [text, canonical, whole, milli] of [
  ['0', '0', 0n, 0n], ['100m', '100m', 1n, 100n], ['1.5', '1500m', 2n, 1500n], ['1.5Gi', '1536Mi', 1610612736n, 1610612736000n], ['1024Mi', '1Gi', 1073741824n, 1073741824000n],
  ['1000m', '1', 1n, 1000n], ['-1.5', '-1500m', -2n, -1500n], ['0.5Ki', '512', 512n, 512000n], ['1e3', '1e3', 1000n, 1000000n], ['0.1Ki', '102400m', 103n, 102400n], ['1n', '1n', 1n, 1n], ['1000E', '1000E', 1000n * 10n ** 18n, 10n ** 24n],
] as const) {
  test(`${text} is ${canonical}`, () => {
    const quantity = parseQuantity(text);
    assert.deepEqual([formatQuantity(quantity), wholeValue(quantity), milliValue(quantity)], [canonical, whole, milli]);
  });
}

test('what is no quantity, or costs too much', () => {
  for (const text of ['', '.', '-', 'm', '1 Gi', '1KI', '1K', '0x10', '1e', '1e999', '1'.repeat(100), '1_000', 'NaN', '1Gi '] as const) assert.throws(() => parseQuantity(text), { kind: 'invalid' }, text);
});

test('sums keep the format of what is there', () => {
  const sum = addQuantities(parseQuantity('1Gi'), parseQuantity('512M'));
  assert.equal(formatQuantity(sum), '1548576Ki');
  assert.equal(formatQuantity(addQuantities(parseQuantity('0'), parseQuantity('1Gi'))), '1Gi');
  assert.equal(formatQuantity(subtractQuantities(parseQuantity('2'), parseQuantity('500m'))), '1500m');
  assert.equal(compareQuantities(parseQuantity('1Ki'), parseQuantity('1k')), 1);
});

test('a written amount is read again as it was', () => {
  fc.assert(fc.property(fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }), fc.constantFrom<QuantityFormat>('decimal', 'binary', 'exponent'), (nano, format) => {
    const text = formatQuantity({ nano, format });
    assert.equal(parseQuantity(text).nano, nano);
    assert.equal(canonicalQuantity(text), text);
  }));
});
