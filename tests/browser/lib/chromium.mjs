// chromium.mjs - which Chromium, and how it is started.
//
// The headless shell is the same engine without a browser's own windows, which cost more than a
// page of ours does: with it the suite takes two thirds of the time. Where it is not packaged it is
// the whole browser.

import { accessSync, constants } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const SHELL = ['/usr/bin/chromium-headless-shell'];
const WHOLE = ['/usr/bin/chromium', '/snap/bin/chromium'];
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

function runs(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** $CHROMIUM, or the first that is there. whole: rather the one that people use. */
export function chromiumPath(whole = false) {
  const named = process.env.CHROMIUM ? [process.env.CHROMIUM] : undefined;
  const paths = named ?? (whole ? [...WHOLE, ...SHELL] : [...SHELL, ...WHOLE]);
  const path = paths.find(runs);
  if (path === undefined)
    throw new Error(`there is no Chromium at ${paths.join(' or ')}: install it, or set CHROMIUM`);
  return path;
}

/** @returns {Promise<import('playwright-core').Browser>} */
export function launchChromium({ whole = false } = {}) {
  return chromium.launch({ executablePath: chromiumPath(whole), args: FLAGS });
}

// For `run`, which says once what else every file would say.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    chromiumPath();
  } catch (error) {
    console.log(error.message);
    process.exit(1);
  }
}
