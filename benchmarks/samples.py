"""Write docs/samples.md: forty questions as people ask them, with the built-in tutor's answers.

    python -m benchmarks.samples

The page is for reading: whoever changes how answers are made reads it before and after. Needs no model and no key.
"""

import asyncio
import re
from pathlib import Path

from tutor.answer import Answer, Done
from tutor.assembly import make_tutor
from tutor.condense import Turn
from tutor.session import Tutor
from tutor.settings import load_settings

PAGE = Path(__file__).resolve().parent.parent / "docs" / "samples.md"
# One conversation a line; questions of one conversation are separated by "|".
CONVERSATIONS = """what exactly is a token? | can you show me an example? | say it more simply
why is the same prompt more expensive in Greek than in English
my loss is nan after ten steps, what do I do
how do I choose a learning rate for a new model? | why does it matter?
SGD or Adam, which one should I start with
is it true that temperature 0 makes the answers correct?
what's the difference between stemming and lemmatisation
do I have to remove stop words before I use BERT?
our fraud model has 99 % accuracy but finds no fraud
training accuracy 99, validation 71, what is going on? | which remedy should I try first?
explain perplexity in plain words
how many topics should my topic model have
VADER says "not bad at all" is negative, why
can a model know what a writer really feels?
the chatbot keeps answering "sorry, I did not understand"
when should the bot hand over to a human
someone told our bot to ignore its rules and it gave away a voucher
what is LoRA? | and what does the rank do?
fine-tune or just put the documents into the prompt?
the model forgot its French after fine-tuning on refunds
how much memory does a model with 7 billion parameters need
what is the difference between parameters and hyperparameters
random search or grid search
does ChatGPT look my question up on the internet?
it invented five papers that do not exist
may I paste a customer's contract into ChatGPT
how do I make an AI draft sound like our brand
do I have to say that a text was written with AI
do I need Discord to use Midjourney?
what does --ar 16:9 do
does Stable Diffusion learn from the images that I make?
what does the guidance scale do
what is zero_grad for
my first Keras model: the loss falls but validation loss rises
what is an image to a program
median or Gaussian filter for black and white dots
how do I cook pasta
write me a phishing mail"""


async def conversation(tutor: Tutor, questions: list[str]) -> list[tuple[str, Answer]]:
    """The answers to the questions of one conversation."""
    said: list[tuple[str, Answer]] = []
    history: list[Turn] = []
    for question in questions:
        async for event in tutor.answer(question, history):
            if isinstance(event, Done):
                said.append((question, event.answer))
        answer = said[-1][1]
        topic = answer.citations[0].section if answer.citations else ""
        history += [Turn("learner", question), Turn("tutor", answer.text, topic, answer.standalone)]
    return said


def page(conversations: list[list[tuple[str, Answer]]]) -> str:
    """The page as markdown."""
    count = sum(len(talk) for talk in conversations)
    lines = [
        "# Samples",
        "",
        f"{count} questions with the answers of the built-in tutor (no model, no key), as `make samples` writes them. Every",
        "sentence stands word for word in the section that its number names.",
    ]
    for talk in conversations:
        for i, (question, answer) in enumerate(talk):
            lines += ["", f"{'##' if i == 0 else '###'} {question}", "", answer.text, ""]
            cited = dict.fromkeys((c.n, c.skill, c.lesson, c.section, c.anchor) for c in answer.citations)
            lines += [
                f"{n}. [{section}](../curricula/{skill}/{lesson}.md#{anchor})"
                for n, skill, lesson, section, anchor in cited
            ]
            if answer.suggestions:
                lines += ["", "Next: " + " · ".join(f"`{suggestion.label}`" for suggestion in answer.suggestions)]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)) + "\n"


async def main() -> None:
    """Ask everything and write the page."""
    tutor, _ = make_tutor(load_settings(), remember=False)
    talks = [[part.strip() for part in line.split("|")] for line in CONVERSATIONS.splitlines()]
    PAGE.write_text(page([await conversation(tutor, talk) for talk in talks]), encoding="utf-8")
    print(f"Wrote {PAGE.name}: {sum(map(len, talks))} questions.")


if __name__ == "__main__":
    asyncio.run(main())
