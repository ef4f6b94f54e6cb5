"""Markdown that tries to act in the page, under the production policy."""

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.conftest import READY, Open, Scripted, answered, ask
from tests.e2e.payloads import PAYLOADS

pytestmark = pytest.mark.browser


def test_none_of_the_payloads_acts_and_nothing_is_fetched_from_outside(scripted: Scripted, opened: Open) -> None:
    page = opened(f"{scripted.address}/ask")
    for number in range(len(PAYLOADS)):
        ask(page, f"payload {number}")
        answered(page)
        inert(page, number)
    page.reload()
    page.wait_for_selector(READY)
    inert(page, -1)
    expect(page.locator(".turn")).to_have_count(len(PAYLOADS))


def inert(page: object, number: int) -> None:
    found = page.evaluate(  # type: ignore[attr-defined]
        """() => {
          const all = [...document.querySelectorAll('.answer *')];
          const acting = 'script,iframe,img,svg,style,form,object,embed,link,meta,base,video,input';
          return {
            title: document.title,
            elements: all.filter((e) => e.matches(acting)).length,
            handlers: all.flatMap((e) => e.getAttributeNames()).filter((n) => /^(on|style$)/.test(n)).length,
            links: all.filter((e) => e.href && !/^(https?|mailto):$/.test(e.protocol)).length,
          };
        }"""
    )
    assert found == {"title": "Ask · Tutor", "elements": 0, "handlers": 0, "links": 0}, (number, PAYLOADS[number])


@pytest.mark.parametrize("address", ["read?lesson=model-tuning/02-learning-rate", "ask"])
def test_the_policy_stops_what_would_get_past_the_cleaning(scripted: Scripted, browser: Browser, address: str) -> None:
    page = browser.new_page()
    page.goto(f"{scripted.address}/{address}")
    refused = page.evaluate(
        """() => new Promise((done) => {
          document.addEventListener('securitypolicyviolation', (event) => done(event.violatedDirective));
          const holder = document.createElement('div');
          holder.innerHTML = "<img src=data:, onerror=document.title='owned'>";
          document.body.append(holder);
          setTimeout(() => done('nothing'), 3000);
        })"""
    )
    assert refused.startswith("script-src")
    assert page.title() != "owned"
    page.close()
