/* Connect the editor with the page: CSRF token and pasted HTML. Loaded after the editor. */
"use strict";
(() => {
  const { CKEDITOR } = window;

  // Uploads of pictures send the CSRF token. The cookie is HttpOnly, so it comes from the form.
  document.addEventListener("DOMContentLoaded", () => {
    const token = document.querySelector("input[name=csrfmiddlewaretoken]");
    if (token) {
      CKEDITOR.config.fileTools_requestHeaders = { "X-CSRFToken": token.value };
    }
  });

  CKEDITOR.on("instanceCreated", ({ editor }) => {
    editor.on("paste", (event) => {
      // Use the headings of the allow-list, and make links to this site relative.
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
