/** What stands in the outermost element of an SVG. */
export const inside = (svg: string) =>
  svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"));
