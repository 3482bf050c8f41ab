// Opens Swagger UI on the description that this mall serves. Nothing comes from elsewhere.
const place = document.getElementById("api-docs");

// The path of an operation stands inside a button: as plain text, since a link may not.
const plainPaths = () => ({
  wrapComponents: {
    DeepLink: (_original, system) => ({ text }) => system.React.createElement("span", null, text),
  },
});

window.SwaggerUIBundle({
  domNode: place,
  url: place.dataset.schema,
  plugins: [plainPaths],
  docExpansion: "none",
  defaultModelsExpandDepth: -1,
  validatorUrl: null,
  requestInterceptor(request) {
    if (!["GET", "HEAD", "OPTIONS"].includes(request.method || "GET")) {
      request.headers["X-CSRFToken"] = place.dataset.csrf;
    }
    return request;
  },
});
