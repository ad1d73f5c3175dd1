// Text that the small vocabularies of ../data are learnt from; written for this purpose.
export const corpus = `
The quick brown fox jumps over the lazy dog, and the dog doesn't mind; it's only a fox that he's seen before.
We'll have 12 apples, 345 pears and 6789 plums: that's what they've said, isn't it? I'm sure I'd know.
A server reads a request, checks its schema, and answers with JSON that is valid: {"name": "Ada", "age": 36, "tags": ["x", "y"]}.
Structured output means that the model's tokens are masked so that every document fits the grammar it was given.
Internationalization, tokenization, normalization and serialization are long words; so is antidisestablishmentarianism.
Der schnelle braune Fuchs springt über den faulen Hund. Größe, Straße, Übermut und Äpfel stehen im Wörterbuch.
Le garçon naïf a mangé une crêpe près du château; l'été dernier, il était déjà là où l'on s'était arrêté.
El niño comió piñas en la montaña mañana por la mañana. ¿Cuándo llegará el señor Núñez? ¡Ojalá pronto!
Быстрая коричневая лиса прыгает через ленивую собаку. Сервер отвечает на запросы и проверяет схему ответа.
Η γρήγορη αλεπού πηδάει πάνω από τον τεμπέλη σκύλο. Ο διακομιστής απαντά στα αιτήματα.
敏捷的棕色狐狸跳过了懒狗。服务器读取请求，检查模式，然后返回有效的文档。你好，世界！今天天气很好。
素早い茶色の狐がのろまな犬を飛び越える。サーバーは要求を読み、スキーマを確かめて答えを返します。こんにちは世界。
빠른 갈색 여우가 게으른 개를 뛰어넘는다. 서버는 요청을 읽고 스키마를 확인한 뒤 답을 보냅니다. 안녕하세요.
الثعلب البني السريع يقفز فوق الكلب الكسول. يقرأ الخادم الطلب ويتحقق من المخطط ثم يجيب.
השועל החום המהיר קופץ מעל הכלב העצלן. השרת קורא את הבקשה ועונה.
तेज भूरी लोमड़ी आलसी कुत्ते के ऊपर कूदती है। सर्वर अनुरोध पढ़ता है और उत्तर देता है।
สุนัขจิ้งจอกสีน้ำตาลกระโดดข้ามสุนัขขี้เกียจ เซิร์ฟเวอร์อ่านคำขอและตอบกลับ
public static int Add(int left, int right) { return left + right; } // adds
def encode(text: str) -> list[int]:
    for word in text.split():
        yield table[word] if word in table else None
SELECT id, name FROM users WHERE age >= 18 AND name LIKE 'A%' ORDER BY id DESC LIMIT 10;
const answer = items.filter((x) => x !== null).map((x) => x.value ?? 0); /* done */
<html><body class="main"><p>Hello &amp; welcome</p></body></html>
😀 😁 🎉 👍🏽 👩‍👩‍👧 🇩🇪 🇫🇷 ❤️ ✅ → ← ∑ ∞ ≠ € £ ¥ © ™ … – — “quoted” ‘single’ «guillemets»
`.trim().split("\n");
