// The ways to a log: the sample, a chosen file, pasted text, and whatever is dropped on the page.
//
//   listen({sample: {name, url}, read(source) {...}})      source: {name, file | text | url}

const $ = (id) => document.getElementById(id);

export function listen({ sample, read }) {
  const readText = (name, text) => text?.trim() && read({ name, text }), readFile = (file) => file && read({ name: file.name, file });

  $("sample").addEventListener("click", () => read(sample));
  $("open").addEventListener("click", () => $("file").click());
  $("file").addEventListener("change", () => {
    readFile($("file").files[0]);
    $("file").value = "";
  });

  $("paste").addEventListener("click", () => $("paste-dialog").showModal());
  $("paste-dialog").addEventListener("close", () => {
    if ($("paste-dialog").returnValue === "read") readText("pasted text", $("paste-text").value);
    $("paste-dialog").returnValue = "";
  });
  document.addEventListener("paste", (event) => {
    if (!event.target.closest?.("input, textarea, dialog")) readText("pasted text", event.clipboardData?.getData("text"));
  });

  // dragenter and dragleave come for each element on the way: so many are entered and not left.
  let inside = 0;
  const entered = (count) => {
    inside = Math.max(0, count);
    $("drop").hidden = inside === 0;
  };
  addEventListener("dragenter", (event) => {
    event.preventDefault();
    entered(inside + 1);
  });
  addEventListener("dragleave", () => entered(inside - 1));
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    entered(0);
    const [file] = event.dataTransfer.files;
    if (file) readFile(file);
    else readText("dropped text", event.dataTransfer.getData("text"));
  });
}
