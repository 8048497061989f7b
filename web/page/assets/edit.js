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
	// A caption that is being typed when the post goes out stays in sight.
	let typed = "";
	document.addEventListener("htmx:before:swap", () => {
		const field = form()?.elements.caption;
		if (field) typed = isDirty(field) ? field.value : "";
	});
	document.addEventListener("htmx:after:swap", () => {
		const kept = document.getElementById("typed");
		if (!kept || !typed) return;
		kept.querySelector(".caption").textContent = typed;
		kept.hidden = false;
	});
})();
