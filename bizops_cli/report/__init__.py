"""The report: what a company's metrics say, as a page, as Markdown, as JSON.

`assemble` makes a `Report` of what the warehouse holds, `view` takes from it what one
selection shows, `markdown` and `page` write it. Nothing here reads or writes anything
but the page's own parts in display/report/.
"""
