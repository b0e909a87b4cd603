"use strict";
// Runs before the page is drawn, so that the calculation never shows for a moment.
document.documentElement.classList.add("ask-first");
