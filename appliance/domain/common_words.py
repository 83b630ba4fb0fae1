"""Pieces that passwords are most often made of, in the spellings people here type.

Written down from common knowledge: words, names, months, keyboard rows. Not a leaked list.
"""

from typing import Final

KEYBOARD_ROWS: Final = (
    "qwertyuiop[]",
    "asdfghjkl;'",
    "zxcvbnm,./",
    "йцукенгшщзхъ",
    "фывапролджэ",
    "ячсмитьбю",
    "1234567890",
    "0123456789",
    "qazwsxedcrfvtgbyhnujm",
    "1qaz2wsx3edc4rfv5tgb6yhn",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "йфяцычувскамепинртгоь",
    "abcdefghijklmnopqrstuvwxyz",
    "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
    "абвгдежзийклмнопрстуфхцчшщъыьэюя",
)

COMMON_WORDS: Final = tuple(
    """
    password passwort pass word passw parol gfhjkm пароль парол ключ секрет secret login логин
    admin administrator админ администратор root user test guest demo temp default changeme
    welcome hello привет здравствуйте добро пожаловать letmein access master super superman
    batman dragon monkey shadow sunshine princess football baseball hockey soccer liverpool
    chelsea spartak спартак зенит динамо iloveyou love lovely люблю любовь тебя моя мой мама
    папа семья дети сын дочь солнце солнышко зайка котик кошка собака мурка барсик рыжик
    золото счастье жизнь свобода победа родина россия russia москва moscow питер petersburg
    петербург казань сибирь урал волга байкал крым сочи office офис work работа компания
    company магазин shop store склад sklad касса kassa заказ zakaz manager менеджер директор
    director buhgalter бухгалтер продажи sales клиент client korobka коробка crm server сервер
    windows linux google yandex яндекс mail почта computer компьютер internet интернет phone
    телефон samsung iphone apple nokia money деньги dengi rubli рубль bank банк карта
    january february march april may june july august september october november december
    январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь
    winter spring summer autumn зима весна лето осень monday sunday friday понедельник пятница
    суббота воскресенье alexander alexandr александр саша sasha alex sergey сергей dmitry
    дмитрий dima дима andrey андрей maxim максим ivan иван ivanov иванов ivanova иванова petrov
    петров sidorov сидоров vladimir владимир nikolay николай mikhail михаил natasha наташа
    наталья natalia elena елена лена lena olga ольга оля tatiana татьяна таня irina ирина
    marina марина svetlana светлана anna анна аня anya maria мария маша masha ekaterina
    екатерина катя katya yulia юлия nastya настя анастасия vika вика виктория victoria
    qwerty qwert йцукен ytrewq asdf zxcv qazwsx abc abcd абв star war wars pokemon naruto
    matrix phoenix tiger ginger hunter killer cool good best happy lucky angel devil heaven
    flower rose роза цветок orange banana apple cherry вишня яблоко cookie chocolate шоколад
    summer home house дом дача машина car auto bmw audi mercedes toyota lada лада secure
    security safe безопасность новый новая new old старый первый второй один два три one two
    three раз этот это мне меня нет не да yes my me the is am for you и в на я ты он she
    """.split()
)
