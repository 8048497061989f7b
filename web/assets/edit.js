// Warns before a page with unsaved edits is left. Every button of the page saves them.
(() => {
	"use strict";
	const form = () => document.getElementById("edit");
	const isDirty = e => e.type === "checkbox" ? e.checked !== e.defaultChecked : e.type !== "hidden" && "defaultValue" in e && e.value !== e.defaultValue;
	let sending = false;
	document.addEventListener("submit", e => { sending = e.target === form(); });
	window.addEventListener("pageshow", () => { sending = false; });
	window.addEventListener("beforeunload", e => {
		if (!sending && form() && [...form().elements].some(isDirty)) e.preventDefault();
	});
})();
