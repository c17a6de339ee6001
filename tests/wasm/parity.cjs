// Runs cases through the wasm build: node parity.cjs PACKAGE CASES.json > reports.json
const [, , folder, cases] = process.argv;
const { readFileSync } = require("node:fs");
const { resolve } = require("node:path");
const { check } = require(resolve(folder, "kubevet.js"));

const reports = JSON.parse(readFileSync(cases, "utf8")).map(({ files, options }) => check(files, options));
process.stdout.write(JSON.stringify(reports));
