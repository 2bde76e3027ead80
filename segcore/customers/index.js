// The pages of a list in parts: a link to this page with filters after its # leads on to those that it asks for.
follow();
addEventListener("hashchange", follow);

function follow() {
  const asked = new URLSearchParams(location.hash.slice(1));
  const segment = asked.get("to") ?? asked.get("segment");
  const gone = asked.get("state") === "gone";
  const links = [...document.querySelectorAll(".links a")];
  const kept = links.filter((link) => (gone ? link.dataset.state === "gone" : segment === null || link.dataset.segment === segment));
  for (const link of links) {
    link.hash = location.hash;
    link.parentNode.hidden = kept.length > 0 && !kept.includes(link);
  }
  if (kept.length === 1 && location.hash) location.replace(kept[0].href);
}
