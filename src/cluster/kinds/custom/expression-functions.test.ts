import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compilePolicyExpression, ExpressionFault } from './expressions.ts';

const NONE = { object: { q: '1500m', ip: '10.0.0.7' }, oldObject: null, request: null, params: null, namespaceObject: null, variables: {}, authorizer: null };

function ask(text: string): unknown {
  const expression = compilePolicyExpression(text, undefined);
  assert.ok(!(expression instanceof ExpressionFault), expression instanceof ExpressionFault ? `${text}: ${expression.message}` : '');
  return expression.run(NONE);
}

const TRUE = [
  "quantity('1Gi').isGreaterThan(quantity('900Mi'))", "quantity('1') == quantity('1000m')", "quantity(object.q).add(1) == quantity('2500m')", "quantity('2').sub(quantity('500m')).isLessThan(quantity('2'))", "quantity('3').asInteger() == 3", "!quantity('1500m').isInteger()",
  "quantity('1500m').asApproximateFloat() == 1.5", "quantity('-1').sign() == -1", "quantity('1').compareTo(quantity('2')) == -1", "isQuantity('20Mi') && !isQuantity('20 apples')", "string(quantity('1024Mi')) == '1Gi'",
  "isIP('::1') && !isIP('10.0.0.256') && !isIP('::ffff:1.2.3.4')", "ip(object.ip).family() == 4", "ip('127.0.0.1').isLoopback() && ip('::').isUnspecified() && ip('fe80::1').isLinkLocalUnicast() && ip('224.0.0.1').isLinkLocalMulticast()", "ip('8.8.8.8').isGlobalUnicast() && !ip('127.0.0.1').isGlobalUnicast()", "ip('2001:db8::0') == ip('2001:db8::')",
  "cidr('10.0.0.0/8').containsIP(object.ip)", "!cidr('10.0.0.0/8').containsIP(ip('::1'))", "cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16') && !cidr('10.1.0.0/16').containsCIDR(cidr('10.0.0.0/8'))", "cidr('10.1.2.3/16').masked() == cidr('10.1.0.0/16') && cidr('10.1.2.3/16').ip() == ip('10.1.2.3') && cidr('::/64').prefixLength() == 64", "isCIDR('::/0') && !isCIDR('10.0.0.0/33')",
  "url('https://user@example.com:8443/a%20b?x=1&x=2').getHost() == 'example.com:8443'", "url('https://example.com:8443/').getPort() == '8443' && url('https://[::1]/').getHostname() == '::1'", "url('https://a/b?x=1&x=2').getQuery()['x'] == ['1', '2']", "url('/p?q').getScheme() == '' && url('/p?q').getEscapedPath() == '/p'", "isURL('https://a') && !isURL('a b')",
  "'%s is %d of %.2f, %x %X %o %b%%'.format(['a', 5, 1.0, 255, 255, 8, 2]) == 'a is 5 of 1.00, ff FF 10 10%'", "'%s'.format([[1, 'a']]) == '[1, a]'", "'%s %s'.format([true, null]) == 'true null'",
  "'abc'.charAt(1) == 'b' && 'abc'.reverse() == 'cba' && 'aaa'.replace('a', 'b', 2) == 'bba' && 'aaa'.replace('a', 'b') == 'bbb'",
  "'abc 123 x 45'.find('[0-9]+') == '123' && 'abc'.find('[0-9]+') == ''", "'1 22 333'.findAll('[0-9]+') == ['1', '22', '333'] && '1 22 333'.findAll('[0-9]+', 2) == ['1', '22'] && '1'.findAll('x') == []",
  "semver('1.2.3').isLessThan(semver('1.10.0')) && semver('1.0.0-rc.1').compareTo(semver('1.0.0')) == -1 && semver('1.0.0-alpha.2').isLessThan(semver('1.0.0-alpha.10')) && semver('1.0.0+x') == semver('1.0.0+y')",
  "semver('2.3.4').major() == 2 && semver('2.3.4').minor() == 3 && semver('2.3.4').patch() == 4", "isSemver('1.0.0') && !isSemver('1.0') && isSemver('v1.0', true) && semver('v01.2', true) == semver('1.2.0') && !isSemver('1.0.0.0', true)",
  "!format.dns1123Label().validate('my-name').hasValue() && format.dns1123Label().validate('My_Name').value().size() == 1", "format.named('uuid').hasValue() && !format.named('nothing').hasValue()", "format.dns1035Label().validate('1a').hasValue() && !format.dns1123LabelPrefix().validate('my-').hasValue()",
  "!format.date().validate('2026-01-31').hasValue() && format.date().validate('2026-1-31').hasValue() && !format.byte().validate('YWI=').hasValue() && !format.labelValue().validate('').hasValue() && format.qualifiedName().validate('a/b/c').hasValue()",
  "ip.isCanonical('127.0.0.1') && ip.isCanonical('2001:db8::abcd') && !ip.isCanonical('2001:DB8::ABCD')", "strings.quote('a\"b') == '\"a\\\\\"b\"'",
  "sets.contains([1, 2, 3], [3, 1]) && !sets.contains([1], [2]) && sets.intersects(['a'], ['b', 'a']) && sets.equivalent([1, 1, 2], [2, 1]) && !sets.equivalent([1], [1, 2])", "sets.contains([{'a': 1}], [{'a': 1}])",
  "[3, 4].all(i, v, v == i + 3) && ![3, 4].all(i, v, i == 0)", "{'a': 1, 'b': 2}.exists(k, v, k == 'b' && v == 2) && !{'a': 1}.exists(k, v, v == 2)", "[1, 1, 2].existsOne(i, v, v == 2 && i == 2) && ![1, 1].existsOne(i, v, v == 1)",
  "[5, 6].transformList(i, v, v * 10 + i) == [50, 61] && [5, 6, 7].transformList(i, v, i > 0, v) == [6, 7] && {'a': 1}.transformList(k, v, k) == ['a']",
  "{'a': 1, 'b': 2}.transformMap(k, v, k == 'b', v + 1) == {'b': 3} && [7].transformMap(i, v, v) == {0: 7}", "['x', 'y'].transformMapEntry(i, v, {v: i}) == {'x': 0, 'y': 1}",
  "[[1, 2], [3]].all(i, row, row.all(j, v, v > j + i)) && [[1], [2]].transformList(i, row, row.transformList(j, v, v + i)).all(k, list, list == [1 + 2 * k])",
];

for (const text of TRUE) test(text, () => assert.equal(ask(text), true));

test('what is no quantity, address, range or place is told', () => {
  for (const [text, why] of [["semver('x')", /no version/], ["'a'.find('(')", /missing|parenthes/i], ["quantity('x')", /quantities must match/], ["ip('x')", /IP Address "x" parse error/], ["cidr('x')", /x/], ["url('x y')", /URL parse error/], ["quantity('1500m').asInteger()", /cannot convert value to integer/], ["'%d'.format([])", /out of range/], ["'%d'.format(['a'])", /can't show a string/], ["['a', 'a'].transformMapEntry(i, v, {v: i})", /key a already exists/]] as const) assert.throws(() => ask(text), why, text);
});
