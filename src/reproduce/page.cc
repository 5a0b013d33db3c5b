// The page of a report. XHTML syntax throughout, so that XML parsers accept it too.

#include <string>

#include "plot/palette.h"
#include "plot/svg.h"
#include "reproduce/page_style.h"
#include "reproduce/report.h"

namespace einet::reproduce {
namespace {

using plot::escaped;

/// Escaped, with `text` between back quotes as code.
std::string marked(const std::string& text) {
  std::string html;
  bool code = false;
  for (const char c : escaped(text)) {
    if (c == '`') {
      html += code ? "</code>" : "<code>";
      code = !code;
    } else {
      html += c;
    }
  }
  return html + (code ? "</code>" : "");
}

std::string paragraph(const std::string& kind, const std::string& text) {
  return "<p class=\"" + kind + "\">" + marked(text) + "</p>\n";
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

/// With more, a table is printed in smaller type.
constexpr std::size_t kManyColumns = 14;

void add_table(std::string& html, const Table& table) {
  const std::string wide = table.columns.size() > kManyColumns ? " class=\"wide\"" : "";
  html += "<div class=\"scroll\"><table" + wide + ">\n<caption>" + escaped(table.caption) + "</caption>\n<thead><tr>";
  const auto css = [](const Column& column) { return column.unit == Unit::kText ? " class=\"t\"" : " class=\"n\""; };
  for (const Column& column : table.columns) {
    html += std::string("<th scope=\"col\"") + css(column) + ">" + escaped(column.title) + "</th>";
  }
  html += "</tr></thead>\n<tbody>\n";
  for (const Row& row : table.rows) {
    html += "<tr>";
    for (std::size_t c = 0; c < table.columns.size(); ++c) {
      const Column& column = table.columns[c];
      html += std::string("<td") + css(column) + ">";
      if (c < row.cells.size()) html += marked(shown(row.cells[c], column));
      html += "</td>";
    }
    html += "</tr>\n";
    if (!row.note.empty()) {
      html += "<tr><td class=\"note\" colspan=\"" + std::to_string(table.columns.size()) + "\"><div>" +
              marked(row.note) + "</div></td></tr>\n";
    }
  }
  html += "</tbody></table></div>\n";
}

/// "<a href="table2-1.csv">table2-1.csv</a>, …".
std::string links(const Outcome& outcome) {
  std::string html;
  for (const auto& names : {csv_names(outcome), svg_names(outcome)}) {
    for (const std::string& name : names) {
      html += (html.empty() ? "" : ", ") + ("<a href=\"" + name + "\">" + name + "</a>");
    }
  }
  return html;
}

void add_fact(std::string& html, const std::string& name, const std::string& value) {
  if (!value.empty()) html += "<dt>" + name + "</dt><dd>" + value + "</dd>\n";
}

void add_section(std::string& html, const Outcome& outcome, const About& about) {
  const Item& item = outcome.item;
  html += "<section id=\"" + item.name + "\">\n<h2>" + escaped(item.title) + "</h2>\n";
  html += paragraph("soft", item.paper);
  if (!outcome.error.empty()) {
    html += paragraph("error", outcome.error) + "</section>\n";
    return;
  }
  const Result& result = outcome.result;
  html += paragraph("agreement", result.agreement);
  if (!result.pictures.empty()) {
    html += "<div class=\"pictures\">\n";
    for (const Picture& picture : result.pictures) {
      html += "<figure>\n" + picture.svg + "<figcaption>" + marked(picture.caption) + "</figcaption></figure>\n";
    }
    html += "</div>\n";
  }
  for (const Table& table : result.tables) add_table(html, table);
  for (const std::string& note : result.notes) html += paragraph("soft", note);
  html += "<dl>\n";
  add_fact(html, "Protocol", marked(result.protocol));
  add_fact(html, "Data", marked(result.data));
  add_fact(html, "Seed", std::to_string(about.seed));
  add_fact(html, "Command",
           marked("`einet reproduce " + item.name + "`" +
                  (result.command.empty() ? "" : "; the same values: `" + result.command + "`")));
  add_fact(html, "Machine", escaped(about.machine));
  add_fact(html, "Files", links(outcome));
  html += "</dl>\n</section>\n";
}

}  // namespace

std::string page(const std::vector<Outcome>& outcomes, const About& about) {
  std::string html =
      "<!DOCTYPE html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<title>EINet: the paper's tables and "
      "figures, reproduced</title>\n<style>";
  html += plot::palette_css(false);
  html += kPageStyle;
  html += "</style>\n</head>\n<body>\n<header>\n<h1>EINet: the paper's tables and figures, reproduced</h1>\n";
  html += paragraph("",
                    "Huang, Gao, Dong, “Elastic DNN Inference with Unpredictable Exit in Edge Computing”, ICDCS 2023, "
                    "beside the values of this implementation. Accuracies are in per cent with standard errors over "
                    "samples; a run without an answer at the cut-off counts as wrong.");
  html += paragraph("facts", "`" + about.command + "`, " + about.date + ", EINet " + about.version + ", " +
                                 about.machine + ", bundles of `" + about.bundles + "`, cut-off " + about.distribution +
                                 ", seed " + std::to_string(about.seed));
  if (!about.busy.empty()) {
    html += paragraph("error", "The block times of " + std::to_string(about.busy.size()) +
                                   " bundles were measured while other processes used the processor, and may be off: " +
                                   joined(about.busy) + ".");
  }
  html += "</header>\n<main>\n<section id=\"summary\">\n<h2>Summary</h2>\n<div class=\"scroll\"><table>\n<tbody>\n";
  for (const Outcome& outcome : outcomes) {
    html += "<tr><td><a href=\"#" + outcome.item.name + "\">" + outcome.item.name + "</a></td><td>" +
            marked(outcome.error.empty() ? outcome.result.agreement : "failed: " + outcome.error) + "</td></tr>\n";
  }
  html += "</tbody></table></div>\n</section>\n";
  for (const Outcome& outcome : outcomes) add_section(html, outcome, about);
  html +=
      "</main>\n<footer><p>Made by <code>einet reproduce</code>. Values in the CSV files have all digits; accuracies "
      "there are shares in [0,1], times are seconds.</p></footer>\n</body>\n</html>\n";
  return html;
}

}  // namespace einet::reproduce
