"use strict";
// Before the page is drawn: what only a script can work shows, and popups wait for site.js without flashing.
document.documentElement.classList.add("js");
