"""`python -m bench`: all of it, in about a minute; quote the ratios, as machines differ."""

from bench import scrape, survey

if __name__ == "__main__":
    survey.main()
    for instances in (3_000, 20_000):
        scrape.measure(instances)
