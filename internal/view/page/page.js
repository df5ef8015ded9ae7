"use strict";
{
	const form = document.getElementById("filters");
	const told = document.getElementById("status");
	const operations = Array.from(document.querySelectorAll("#operations .op"), (element) => ({
		element,
		text: element.textContent.toLowerCase(),
		sync: element.dataset.sync,
		faculty: element.dataset.faculty,
		operation: element.dataset.operation,
		columns: element.dataset.columns.split(" "),
	}));
	const groups = Array.from(document.querySelectorAll("#operations .sync"));
	const filter = () => {
		const chosen = (name) => (form.elements.namedItem(name) || { value: "" }).value;
		const words = chosen("search").toLowerCase().split(/\s+/).filter(Boolean);
		const sync = chosen("sync"), faculty = chosen("faculty"), operation = chosen("operation"), column = chosen("column");
		let shown = 0;
		for (const one of operations) {
			const fits = (!sync || one.sync === sync) && (!faculty || one.faculty === faculty) && (!operation || one.operation === operation) &&
				(!column || one.columns.includes(column)) && words.every((word) => one.text.includes(word));
			one.element.hidden = !fits;
			if (fits) shown++;
		}
		const all = words.length === 0 && !sync && !faculty && !operation && !column;
		for (const group of groups) {
			group.hidden = !all && !group.querySelector(".op:not([hidden])");
		}
		told.value = all ? "" : shown + " of the " + operations.length + " operations on this page fit";
	};
	form.addEventListener("input", filter);
	form.addEventListener("reset", () => setTimeout(filter));
	form.addEventListener("submit", (event) => event.preventDefault());
	form.hidden = false;
	filter();
}
