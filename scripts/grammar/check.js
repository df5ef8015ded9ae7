// Reads SQL with the grammar of the engine that it is for, and says where it is wrong. First it shows
// that it can tell: it must take every good statement of samples.js, and refuse every bad one.
//
//	node check.js                     the samples only
//	node check.js tsql=FOLDER …       and all the *.sql of folders (tsql, plsql)
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const { ANTLRInputStream, CommonTokenStream } = require("antlr4ts");
const samples = require("./samples");

// The package's index would load four grammars, of which two are wanted.
const inside = (name) => require("antlr4ts-sql/dist/src/" + name);
const { CaseChangingStream } = inside("models/CaseChangingStream");

const grammars = {
	tsql: () => ({
		lexer: inside("grammar-output/tsql/TSqlLexer").TSqlLexer,
		parser: inside("grammar-output/tsql/TSqlParser").TSqlParser,
		read: (parser) => parser.tsql_file(),
		terminated: (text) => text,
		// What the grammar takes and the servers do not.
		refuse: (text, report) => {
			const lines = text.split("\n");
			for (const [i, line] of lines.entries()) {
				const column = line.indexOf("||");
				if (column >= 0) report(i + 1, column + 1, "no operator ||");
			}
		},
	}),
	plsql: () => ({
		lexer: inside("grammar-output/plsql/PlSqlLexer").PlSqlLexer,
		parser: inside("grammar-output/plsql/PlSqlParser").PlSqlParser,
		read: (parser) => parser.sql_script(),
		// Longer ones take it minutes each, which the reverts' are for what Oracle needs to unpack a document.
		longest: 30_000,
		// It reads scripts, in which statements end with a semicolon.
		terminated: (text) => withoutJSON(text.endsWith(";") ? text : text + "\n;"),
	}),
};

// withoutJSON writes as functions and tables what the PL/SQL grammar, of version 12.1, does not know: JSON_OBJECT, JSON_TABLE
// and JSON_VALUE, in the very forms that are used. In any other form they are refused. Nor does it know CROSS APPLY and the operator
// COLLATE, and SEQ is no reserved word.
function withoutJSON(text) {
	const string = "'(?:[^']|'')*'";
	const column = `"[^"]+" (?:VARCHAR2\\(4000\\)(?: FORMAT JSON)?|CLOB) PATH ${string} ERROR ON ERROR NULL ON EMPTY`;
	return text
		.replace(new RegExp(`JSON_TABLE\\([a-z]\\."[A-Z]+", '\\$' COLUMNS \\(${column}(?:, ${column})*\\)\\)`, "g"), "(SELECT 1 FROM DUAL)")
		.replace(new RegExp(`JSON_VALUE\\(([a-z]\\."[A-Z]+"), ${string} RETURNING VARCHAR2\\(4000\\) NULL ON ERROR NULL ON EMPTY\\)`, "g"), "UPPER($1)")
		.replace(new RegExp(`\\bKEY (${string}) VALUE (?:(${string}) FORMAT JSON\\b)?`, "g"), "$1, $2")
		.replace(/ NULL ON NULL RETURNING CLOB\)/g, ")")
		.replace(/ CROSS APPLY \(/g, " CROSS JOIN (")
		.replace(/ COLLATE [A-Z_]+\)/g, ")")
		.replace(/\bseq\b/g, "sequ");
}

// masked returns a text with what is inside of its strings and quoted names replaced, octet by octet: the
// grammars do not know a quote that is doubled in a name.
function masked(text, inside) {
	const lexeme = /'(?:[^']|'')*'|"(?:[^"]|"")*"|\[(?:[^\]]|\]\])*\]|--[^\n]*/g;
	return text.replace(lexeme, (found) =>
		found.startsWith("--") ? found : found[0] + inside(found.slice(1, -1)) + found[found.length - 1]);
}

// mistakes returns what is wrong with a text: line, column (both from 1) and message.
function mistakes(grammar, text) {
	const found = [];
	const report = (line, column, message) => found.push({ line, column, message });
	const listener = {
		syntaxError: (_recognizer, symbol, line, column, message) => {
			// The list of all that would be right is longer than the statement, and tokens are numbers.
			message = message.replace(/ expecting \{[^]*/, "");
			if (symbol?.stopIndex >= symbol?.startIndex) message = message.replace(/'(<\d+>)?'/, `'${text.slice(symbol.startIndex, symbol.stopIndex + 1)}'`);
			report(line, column + 1, message);
		},
	};
	grammar.refuse?.(masked(text, (name) => name.replace(/[^\n]/g, "_")), report);
	text = grammar.terminated(masked(text, (name) => name.replace(/""|\]\]/g, "__")).trimEnd());
	const lexer = new grammar.lexer(new CaseChangingStream(new ANTLRInputStream(text), true));
	lexer.removeErrorListeners();
	lexer.addErrorListener(listener);
	const tokens = new CommonTokenStream(lexer);
	const parser = new grammar.parser(tokens);
	parser.removeErrorListeners();
	parser.addErrorListener(listener);
	grammar.read(parser);
	// A rule that ends before the text does is no error to a parser.
	const rest = tokens.LT(1);
	if (rest.type !== -1) report(rest.line, rest.charPositionInLine + 1, `unexpected '${rest.text}'`);
	return found;
}

// statement is a golden file without the values of its parameters.
function statement(text) {
	return text.replace(/(\n-- \d+: [^\n]*)+\n*$/, "\n");
}

function main(folders) {
	let failures = 0;
	const fail = (text) => {
		failures++;
		console.log(text);
	};
	const loaded = {};
	for (const [name, load] of Object.entries(grammars)) {
		const grammar = (loaded[name] = load());
		for (const text of samples[name].good) {
			for (const m of mistakes(grammar, text)) fail(`${name}: refuses a good statement: ${text}\n\t${m.message}`);
		}
		for (const text of samples[name].bad) {
			if (mistakes(grammar, text).length === 0) fail(`${name}: takes a bad statement: ${text}`);
		}
		console.log(`${name}: ${samples[name].good.length} good and ${samples[name].bad.length} bad samples told apart`);
	}
	for (const argument of folders) {
		const [name, folder] = argument.split("=");
		const grammar = loaded[name];
		if (grammar === undefined || folder === undefined) {
			fail(`${argument}: want tsql=FOLDER or plsql=FOLDER`);
			continue;
		}
		const files = fs.existsSync(folder) ? fs.readdirSync(folder).filter((file) => file.endsWith(".sql")).sort() : [];
		if (files.length === 0) fail(`${folder}: no *.sql`);
		const left = [];
		for (const file of files) {
			const at = path.join(folder, file);
			const text = statement(fs.readFileSync(at, "utf8").replaceAll("\r\n", "\n"));
			if (text.trim() === "") continue; // an engine that needs no such statement
			if (text.length > (grammar.longest ?? Infinity)) {
				left.push(file);
				continue;
			}
			for (const m of mistakes(grammar, text)) fail(`${at}:${m.line}:${m.column}: ${m.message}`);
		}
		console.log(`${folder}: ${files.length - left.length} statements read by the ${name} grammar`);
		if (left.length > 0) console.log(`${folder}: LEFT OUT, too long for the ${name} grammar: ${left.join(", ")}`);
	}
	if (failures > 0) {
		console.log(`grammar: ${failures} failures`);
		process.exitCode = 1;
	}
}

main(process.argv.slice(2));
