/* What the editor needs from the page around it. Loaded after the editor itself. */
"use strict";
(() => {
  const { CKEDITOR } = window;

  // The cookie is HttpOnly, so the token comes from the form. It is read when a picture is uploaded, long after this.
  document.addEventListener("DOMContentLoaded", () => {
    const token = document.querySelector("input[name=csrfmiddlewaretoken]");
    if (token) {
      CKEDITOR.config.fileTools_requestHeaders = { "X-CSRFToken": token.value };
    }
  });

  CKEDITOR.on("instanceCreated", ({ editor }) => {
    editor.on("paste", (event) => {
      // Headings as we have them, and what is copied from our own pages without naming them in full.
      const text = event.data.dataValue
        .replace(/<(\/?)h1\b/gi, "<$1h2")
        .replace(/<(\/?)h[56]\b/gi, "<$1h4")
        .replaceAll(`="${location.origin}/`, '="/');
      if (/<img[^>]*\ssrc=["']?(file|https?):/i.test(text)) {
        editor.showNotification(editor.config.lostPictures, "warning");
      }
      event.data.dataValue = text;
    });
  });
})();
