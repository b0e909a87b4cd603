"use strict";
// Runs before the page is drawn, so that the calculations never show for a moment.
document.documentElement.classList.add("covered");
