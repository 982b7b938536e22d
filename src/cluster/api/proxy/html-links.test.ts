import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withLinksBelow } from './html-links.ts';

const below = (html: string): string => withLinksBelow(html, '/api/v1/namespaces/a/pods/b/proxy');

test('links from the root lead through the proxy, others are let be', () => {
  assert.equal(below('<a href="/x">t</a>'), '<a href="/api/v1/namespaces/a/pods/b/proxy/x">t</a>');
  assert.equal(below("<IMG alt='/x' SRC = '/y.png'>"), "<IMG alt='/x' SRC = '/api/v1/namespaces/a/pods/b/proxy/y.png'>");
  for (const same of ['<a href="x">', '<a href="//host/x">', '<a href="https://host/x">', '<a href="/api/v1/namespaces/a/pods/b/proxy/x">', '<p title="/x">', 'a < b href="/x"', '<a data-href="/x">']) assert.equal(below(same), same);
});

test('a page of any text is gone through once', () => {
  const page = `<a ${'x="'.repeat(100_000)}`;
  assert.equal(below(page), page);
  assert.equal(below('<a'.repeat(100_000)).length, 200_000);
});
