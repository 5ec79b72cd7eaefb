/** Draw a pair's view when it is opened for the first time. */
function setUpViews() {
  for (const details of document.querySelectorAll("details.subject")) {
    const holder = details.querySelector(".view");
    details.addEventListener("toggle", () => {
      if (details.open && holder && !holder.firstChild)
        drawView(holder, DATA.subjects[Number(details.dataset.number)]);
    });
  }
}

/** A link to a pair opens it. */
function openLinked() {
  const linked = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!linked || !linked.matches("details.subject")) return;
  linked.open = true;
  linked.scrollIntoView();
}

/** Sort pairs within their kinds, and cases within their pairs. */
function setUpSorting() {
  const select = document.querySelector("select[name=sort]");
  const lists = [
    ...[...document.querySelectorAll("section.kind")].map((at) => [at, "details.subject"]),
    ...[...document.querySelectorAll("table.cases tbody")].map((at) => [at, "tr"]),
  ].map(([at, selector]) => [at, [...at.querySelectorAll(`:scope > ${selector}`)]]);
  const falling = (name) => (a, b) => Number(b.dataset[name]) - Number(a.dataset[name]);
  const name = (item) => item.dataset.group || item.dataset.id;
  const orders = {
    worst: falling("worst"), growth: falling("growth"), seconds: falling("seconds"),
    name: (a, b) => name(a).localeCompare(name(b)),
  };
  select.addEventListener("change", () => {
    for (const [at, items] of lists) {
      const order = orders[select.value];
      at.append(...(order ? [...items].sort(order) : items));
    }
  });
}

setUpViews();
setUpSorting();
window.addEventListener("hashchange", openLinked);
const subjects = document.querySelectorAll("details.subject");
if (subjects.length === 1) subjects[0].open = true;
openLinked();
