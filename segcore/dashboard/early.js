// Before the charts: what the charts show is one click away where a script runs, and open where none does.
for (const one of document.querySelectorAll("details")) one.open = false;
for (const one of document.querySelectorAll(".controls, .keys, figure.drawn")) one.hidden = false;
