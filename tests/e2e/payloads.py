"""Thirty pieces of markdown by which a model could try to act in the page, and what each would do if it could."""

ACTS = "document.title='owned'"
FAR = "http://evil.invalid"

PAYLOADS: tuple[str, ...] = (
    f"<script>{ACTS}</script>",
    f"<img src=x onerror={ACTS}>",
    f"<svg onload={ACTS}></svg>",
    f"<svg><script>{ACTS}</script></svg>",
    f"<body onload={ACTS}>",
    f"<iframe srcdoc='<script>parent.{ACTS}</script>'></iframe>",
    f'<iframe src="javascript:parent.{ACTS}"></iframe>',
    f"<details open ontoggle={ACTS}>x</details>",
    f"<video><source onerror={ACTS}></video>",
    f"<input autofocus onfocus={ACTS}>",
    f'<a href="javascript:{ACTS}" id=trap>press</a>',
    f"[press](javascript:{ACTS})",
    f"[press](JaVaScRiPt:{ACTS})",
    f"[press](java&#115;cript:{ACTS})",
    f"[press](  javascript&colon;{ACTS})",
    "[press](data:text/html;base64,PHNjcmlwdD5kb2N1bWVudC50aXRsZT0nb3duZWQnPC9zY3JpcHQ+)",
    f"[press](vbscript:{ACTS})",
    f"<javascript:{ACTS}>",
    f"![pixel]({FAR}/pixel.png)",
    f"![pixel][far]\n\n[far]: {FAR}/pixel.png",
    f'<img src="{FAR}/pixel.png">',
    f"<style>@import url({FAR}/style.css); .turn{{display:none}}</style>",
    f'<p style="background:url({FAR}/back.png)">x</p>',
    f"<link rel=stylesheet href={FAR}/style.css>",
    f'<meta http-equiv=refresh content="0;url={FAR}">',
    f"<base href={FAR}/>",
    f"<form action={FAR}><button id=trap>press</button></form>",
    f"<object data={FAR}/thing.swf></object><embed src={FAR}/thing.swf>",
    f"<math><mtext></p><img src=x onerror={ACTS}></mtext></math> $\\text{{</math><img src=x onerror={ACTS}>}}$",
    f'```"><img src=x onerror={ACTS}>\ncode</code></pre><img src=x onerror={ACTS}>\n```\n'
    f"| <img src=x onerror={ACTS}> |\n|---|\n| x |",
)

SCRIPTS = {f"payload {number}": payload for number, payload in enumerate(PAYLOADS)}
