import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RequestAuthorizer, type AskedAction } from './expression-authorizer.ts';
import { compilePolicyExpression, ExpressionFault } from './expressions.ts';

/** What an expression asks of the authorizer, which allows what reads. */
function asked(text: string): readonly [unknown, readonly (AskedAction & { readonly by: string })[]] {
  const seen: (AskedAction & { readonly by: string })[] = [];
  const authorizer = new RequestAuthorizer((user, action) => {
    seen.push({ ...action, by: user.name });
    return { allowed: action.verb === 'get', reason: `${action.verb} is asked` };
  }, { name: 'ann', groups: [] }, { group: 'apps', resource: 'deployments', subresource: '', namespace: 'a', name: 'web' });
  const expression = compilePolicyExpression(text, undefined);
  assert.ok(!(expression instanceof ExpressionFault), expression instanceof ExpressionFault ? expression.message : '');
  return [expression.run({ object: null, oldObject: null, request: null, params: null, namespaceObject: null, variables: {}, authorizer }), seen];
}

const resource = { kind: 'resource', version: '*', by: 'ann' } as const;

test('expressions ask of resources, paths, other accounts and of what is written', () => {
  assert.deepEqual(asked("authorizer.requestResource.check('get').allowed()"), [true, [{ ...resource, verb: 'get', group: 'apps', resource: 'deployments', subresource: '', namespace: 'a', name: 'web' }]]);
  assert.deepEqual(asked("authorizer.group('').resource('pods').subresource('log').namespace('b').name('p').check('delete').reason()"), ['delete is asked', [{ ...resource, verb: 'delete', group: '', resource: 'pods', subresource: 'log', namespace: 'b', name: 'p' }]]);
  assert.deepEqual(asked("authorizer.path('/healthz').check('get').errored()"), [false, [{ kind: 'path', verb: 'get', path: '/healthz', by: 'ann' }]]);
  assert.deepEqual(asked("authorizer.serviceAccount('b', 'robot').path('/x').check('get').error()")[1][0]?.by, 'system:serviceaccount:b:robot');
});

test('selectors go with the question, as far as rights depend on them', () => {
  const [, [action]] = asked("authorizer.group('').resource('pods').fieldSelector('spec.nodeName=one').labelSelector('a=b').check('list').allowed()");
  assert.equal(action?.kind === 'resource' && action.selectedNode, 'one');
});
